# Actium in a container. Targets:
#   cpu   (default) the server, its command line and the shipped models; no shell is needed in it
#   gpu   the same with the engine for NVIDIA GPUs; the driver is the container runtime's
#   test  runs `make test` while it is built
#
#   docker build -t actium .
#   docker run --rm -p 8001:8001 actium
#   docker build -t actium-gpu --target gpu . && docker run --rm --gpus all -p 8001:8001 actium-gpu
#   docker run --rm actium actium --local /opt/actium/models compare relu mish
#
# It takes Docker 23 or newer: the builder of older ones builds all targets (or set DOCKER_BUILDKIT=1).
#
# BASE: Debian 12, whose glibc and libstdc++ are all that the programs take from the system.
ARG BASE=debian:12-slim

FROM ${BASE} AS build
ENV ACTIUM_CACHE=/cache DEBIAN_FRONTEND=noninteractive
WORKDIR /src
# By itself, so that a change of the sources does not fetch everything again.
COPY cmake cmake
RUN cmake/setup.sh build
COPY . .
ARG JOBS=
RUN cmake/build.sh release actium-server actium \
 && cmake --install build/release --prefix /opt/actium --strip \
 && deploy/image/write-sbom.py /opt/actium build/release \
 && cp -r models/repository /opt/actium/models \
 && chmod -R a+rX /opt/actium

FROM build AS build-gpu
# The CUDA runtime is linked in. The last one is for GPUs that are newer than the compiler.
ENV ACTIUM_CUDA_ARCHITECTURES="80-real;90-real;100-real;90-virtual"
RUN cmake/setup.sh build-cuda \
 && cmake/build.sh release actium_cuda \
 && cmake --install build/release --prefix /opt/actium --strip \
 && deploy/image/write-sbom.py /opt/actium build/release \
 && chmod -R a+rX /opt/actium

FROM build AS test
RUN cmake/setup.sh test && make test

FROM ${BASE} AS serve
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Actium" \
      org.opencontainers.image.description="Serves CNNs that differ in their activation, and compares them" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="debian:12-slim"
COPY --from=build /opt/actium /opt/actium
# Examples for `actium compare`, which looks for them where Debian's dataset-fashion-mnist has them.
COPY --from=build /usr/share/datasets/fashion-mnist/t10k-* /usr/share/datasets/fashion-mnist/
COPY --from=build /usr/share/doc/dataset-fashion-mnist/copyright /usr/share/doc/dataset-fashion-mnist/
ENV PATH=/opt/actium/bin:$PATH
USER 65532:65532
# gRPC; health over HTTP; metrics.
EXPOSE 8001 8000 8002
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["actium", "health"]
CMD ["actium-server", "--model-repository", "/opt/actium/models"]

FROM serve AS gpu
COPY --from=build-gpu /opt/actium/lib/libactium_cuda.so /opt/actium/lib/
COPY --from=build-gpu /opt/actium/share /opt/actium/share
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility

# Last, as what is built when no target is named.
FROM serve AS cpu
