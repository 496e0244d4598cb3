#!/usr/bin/env python3
"""Writes pytorch_vectors.json: graphs as text, and what PyTorch computes for them in float64.

Usage: pytorch_vectors.py > pytorch_vectors.json      (PyTorch 2.11 made the one that is here)
"""

import json
import random

import torch
import torch.nn.functional as F

random.seed(6)
cases = []


def numbers(*shape):
    """Sixteenths in [-2, 2]: short as text, exact as floats."""
    count = int(torch.tensor(shape).prod()) if shape else 1
    values = [random.randint(-32, 32) / 16 for _ in range(count)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def constant(name, tensor):
    text = ", ".join(f"{number:g}" for number in tensor.flatten().tolist())
    return f"constant {name}: {list(tensor.shape)} = {{{text}}}"


def case(name, inputs, constants, nodes, output):
    """inputs: by name, without a batch; nodes: lines, the last one makes y; output: for one row."""
    lines = [f"input {key}: fp32{list(value.shape)}" for key, value in inputs.items()]
    lines += [constant(key, value) for key, value in constants.items()]
    cases.append({
        "name": name,
        "graph": lines + nodes + ["output y"],
        "inputs": [value.flatten().tolist() for value in inputs.values()],
        "output": output.flatten().tolist(),
    })


def convolutions():
    for name, image, outputs, kernel, stride, padding, dilation, groups in [
        ("Plain", (2, 5, 4), 3, (3, 3), (1, 1), (1, 1), (1, 1), 1),
        ("Strided", (1, 7, 5), 2, (3, 2), (2, 3), (0, 1), (1, 1), 1),
        ("Dilated", (2, 7, 6), 2, (2, 3), (1, 1), (2, 0), (3, 2), 1),
        ("Grouped", (4, 4, 3), 6, (3, 1), (2, 1), (1, 2), (1, 1), 2),
        ("Depthwise", (3, 5, 5), 3, (3, 3), (2, 1), (1, 1), (1, 2), 3),
        ("Pointwise", (5, 3, 1), 2, (1, 1), (1, 1), (0, 0), (1, 1), 1),
    ]:
        x = numbers(*image)
        weight = numbers(outputs, image[0] // groups, *kernel)
        bias = numbers(outputs)
        node = (f"y = convolution(x, w, b) stride={list(stride)} padding={list(padding)} "
                f"dilation={list(dilation)} groups={groups}")
        case("Convolution" + name, {"x": x}, {"w": weight, "b": bias}, [node],
             F.conv2d(x[None], weight, bias, stride, padding, dilation, groups)[0])


def pools():
    for name, size, kernel, stride, padding in [
        ("Plain", (6, 4), (2, 2), (2, 2), (0, 0)),
        ("Padded", (5, 7), (3, 2), (2, 3), (1, 1)),
        ("Overlapping", (6, 5), (4, 3), (1, 2), (2, 1)),
        ("LastBeginsInPadding", (4, 4), (2, 2), (3, 3), (1, 1)),
        ("WiderThanImage", (2, 3), (3, 2), (2, 3), (0, 0)),
    ]:
        x = numbers(2, *size)
        for ceil_mode in (False, True):
            if name == "WiderThanImage" and not ceil_mode:
                continue
            ending = "Ceil" if ceil_mode else ""
            node = (f"kernel={list(kernel)} stride={list(stride)} padding={list(padding)} "
                    f"ceil_mode={str(ceil_mode).lower()}")
            case(f"MaxPool{name}{ending}", {"x": x}, {}, [f"y = pool(x) {node}"],
                 F.max_pool2d(x[None], kernel, stride, padding, 1, ceil_mode)[0])
            for counted in (False, True):
                text = f"y = pool(x) kind=average {node} count_padding={str(counted).lower()}"
                case(f"AveragePool{name}{ending}{'Counted' if counted else ''}", {"x": x}, {},
                     [text],
                     F.avg_pool2d(x[None], kernel, stride, padding, ceil_mode, counted)[0])


def layers():
    x = numbers(3, 2, 4)
    mean, variance, scale, shift = (numbers(3) for _ in range(4))
    variance = variance.abs() + 0.5
    case("BatchNorm", {"x": x}, {"m": mean, "v": variance, "s": scale, "t": shift},
         ["y = batch_norm(x, m, v, s, t) epsilon=0.001"],
         F.batch_norm(x[None], mean, variance, scale, shift, eps=0.001)[0])
    weight, bias = numbers(5, 4), numbers(5)
    case("LinearOfMatrices", {"x": x}, {"w": weight, "b": bias}, ["y = linear(x, w, b)"],
         F.linear(x, weight, bias))
    vector = numbers(4)
    case("LinearOfAVector", {"x": vector}, {"w": weight, "b": bias}, ["y = linear(x, w, b)"],
         F.linear(vector, weight, bias))
    case("GlobalAverage", {"x": x}, {}, ["y = global_average(x)"],
         F.adaptive_avg_pool2d(x[None], 1)[0])
    case("Reshape", {"x": x}, {}, ["y = reshape(x) shape=[4, 6]"], x.reshape(4, 6))
    for axis in range(3):
        sizes = list(x.shape)
        sizes[axis] = 2
        other = numbers(*sizes)
        case(f"ConcatAxis{axis}", {"x": x, "o": other}, {}, [f"y = concat(x, o, x) axis={axis}"],
             torch.cat([x, other, x], axis))
        case(f"SoftmaxAxis{axis}", {"x": x * 100}, {}, [f"y = softmax(x) axis={axis}"],
             torch.softmax(x * 100, axis))


def programs():
    x, other = numbers(3, 2, 4), numbers(3, 2, 4)
    for name, op, apply in [("Add", "add", torch.add), ("Subtract", "subtract", torch.sub),
                            ("Multiply", "multiply", torch.mul), ("Divide", "divide", torch.div)]:
        for shape in [(), (1,), (4,), (2, 1), (3, 1, 1), (1, 2, 4), (3, 2, 4), (1, 1)]:
            c = numbers(*shape)
            c[c == 0] = 0.5
            case(f"{name}Constant{'x'.join(map(str, shape)) or 'Scalar'}", {"x": x}, {"c": c},
                 [f"y = pointwise(x, c) {{ 2 = {op}(0, 1) }}"], apply(x, c))
        safe = torch.where(x == 0, 0.25, x)
        c = numbers(3, 1, 1)
        case(f"{name}ConstantFirst", {"x": safe}, {"c": c},
             [f"y = pointwise(x, c) {{ 2 = {op}(1, 0) }}"], apply(c, safe))
    for count in (1, 3):
        slopes = numbers(count)
        case(f"Prelu{count}", {"x": x}, {"s": slopes},
             ["y = pointwise(x, s) { 2 = prelu(0, 1) }"], F.prelu(x[None], slopes)[0])
    weight, bias = numbers(3, 3, 3, 3), numbers(3)
    slopes = numbers(3)
    case("ResidualEpilogue", {"x": x, "o": other}, {"w": weight, "b": bias, "s": slopes},
         ["y = convolution(x, w, b, s, o) padding=[1, 1] "
          "{ 3 = prelu(0, 1); 4 = add(3, 2); 5 = mish(4) }"],
         F.mish(F.prelu(F.conv2d(x[None], weight, bias, padding=1), slopes)[0] + other))
    weight, bias = numbers(4, 4), numbers(4)
    case("GatedEpilogue", {"x": x}, {"w": weight, "b": bias},
         ["y = linear(x, w, b, x) { 2 = sigmoid(0); 3 = multiply(1, 2); 4 = subtract(3, 0) }"],
         x * torch.sigmoid(F.linear(x, weight, bias)) - F.linear(x, weight, bias))


def activations():
    x = torch.linspace(-5, 5, 41, dtype=torch.float64)
    for text, function in [
        ("identity(0)", lambda v: v),
        ("sigmoid(0)", torch.sigmoid),
        ("tanh(0)", torch.tanh),
        ("relu(0)", F.relu),
        ("leaky_relu(0)", F.leaky_relu),
        ("leaky_relu(0) slope=0.3", lambda v: F.leaky_relu(v, 0.3)),
        ("swish(0)", F.silu),
        ("swish(0) beta=1.702", lambda v: v * torch.sigmoid(1.702 * v)),
        ("mish(0)", F.mish),
        ("gelu(0)", F.gelu),
        ("gelu_tanh(0)", lambda v: F.gelu(v, approximate="tanh")),
        ("elu(0)", F.elu),
        ("elu(0) alpha=0.7", lambda v: F.elu(v, 0.7)),
        ("selu(0)", F.selu),
        ("celu(0)", F.celu),
        ("celu(0) alpha=1.6", lambda v: F.celu(v, 1.6)),
        ("hardswish(0)", F.hardswish),
        ("hardsigmoid(0)", F.hardsigmoid),
        ("hardtanh(0)", F.hardtanh),
        ("hardtanh(0) lower=-2 upper=0.5", lambda v: F.hardtanh(v, -2, 0.5)),
        ("relu6(0)", F.relu6),
        ("softplus(0)", F.softplus),
        ("softplus(0) beta=2.5", lambda v: F.softplus(v, 2.5)),
        ("softsign(0)", F.softsign),
    ]:
        name = "".join(word.capitalize() for word in text.split("(")[0].split("_"))
        if " " in text:
            name += "WithParameters"
        case(name, {"x": x}, {}, [f"y = pointwise(x) {{ 1 = {text} }}"], function(x))


def window_positions():
    """[size, kernel, stride, padding, ceil_mode, positions]; 0 positions: PyTorch refuses."""
    rows = []
    for size in range(1, 7):
        for kernel in range(1, 5):
            for stride in range(1, 4):
                for padding in range(kernel // 2 + 1):
                    for ceil_mode in (0, 1):
                        try:
                            pooled = F.max_pool2d(torch.zeros(1, 1, 1, size), (1, kernel),
                                                  (1, stride), (0, padding), 1, bool(ceil_mode))
                            positions = pooled.shape[3]
                        except RuntimeError:
                            positions = 0
                        rows.append([size, kernel, stride, padding, ceil_mode, positions])
    return rows


convolutions()
pools()
layers()
programs()
activations()
print("{")
print(f' "about": "Made by pytorch_vectors.py with PyTorch {torch.__version__.split("+")[0]}.",')
print(' "window_positions": [')
print(",\n".join("  " + json.dumps(row) for row in window_positions()))
print(' ],\n "cases": [')
print(",\n".join("  " + json.dumps(row) for row in cases))
print(" ]\n}")
