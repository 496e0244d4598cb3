// The target that this file is for has precompiled headers and nothing else.
