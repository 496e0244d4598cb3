"""The networks of bench_engines.py, as PyTorch modules with random weights, and their files."""
import pathlib
import sys
import warnings
from collections.abc import Callable

import torch
from torch import nn

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from torch_networks import Activation, randomise_statistics, torchvision_network

CLASSES = 10
ACTIVATIONS: dict[str, Activation] = {
    "relu": nn.ReLU, "swish": nn.SiLU, "mish": nn.Mish, "prelu": nn.PReLU,
    "leaky_relu": nn.LeakyReLU, "hardswish": nn.Hardswish, "gelu": nn.GELU, "elu": nn.ELU,
    "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}


class ShippedCnn(nn.Module):
    """The network of models/repository without its preprocessing."""

    def __init__(self, activation: Activation) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 1
        for channels, stride in [(16, 1), (16, 2), (32, 1), (32, 2), (64, 1), (64, 1)]:
            layers += [nn.Conv2d(before, channels, 3, stride, 1, bias=False),
                       nn.BatchNorm2d(channels), activation()]
            before = channels
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(before, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(x).mean([2, 3]))


class MnistCnn(nn.Module):
    """Two convolutions and two linear layers, as in many a first example."""

    def __init__(self, activation: Activation) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 32, 3), activation(), nn.Conv2d(32, 64, 3),
                                      activation(), nn.MaxPool2d(2), nn.Flatten())
        self.classifier = nn.Sequential(nn.Linear(64 * 12 * 12, 128), activation(),
                                        nn.Linear(128, CLASSES))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(x))


def cifar_resnet18(activation: Activation) -> nn.Module:
    """ResNet-18 for images of 32 x 32: the first convolution keeps the size, and nothing is pooled."""
    model = torchvision_network("resnet18", CLASSES, activation)
    model.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    model.maxpool = nn.Identity()
    return model


# By name: how to make it, and a row of its input.
NETWORKS: dict[str, tuple[Callable[[Activation], nn.Module], list[int]]] = {
    "shipped": (ShippedCnn, [1, 28, 28]),
    "mnist": (MnistCnn, [1, 28, 28]),
    "resnet18": (cifar_resnet18, [3, 32, 32]),
    "resnet50": (lambda activation: torchvision_network("resnet50", CLASSES, activation),
                 [3, 224, 224])}


def build(network: str, activation: str) -> nn.Module:
    torch.manual_seed(0)
    model = NETWORKS[network][0](ACTIVATIONS[activation])
    randomise_statistics(model)
    return model.eval()


def export(model: nn.Module, row: list[int], folder: pathlib.Path) -> None:
    """Writes model.pt and model.onnx, both for any batch size."""
    example = torch.randn(2, *row)
    torch.jit.save(torch.jit.trace(model, example), folder / "model.pt")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, (example,), folder / "model.onnx", input_names=["x"],
                          output_names=["y"], dynamic_axes={"x": {0: "n"}, "y": {0: "n"}},
                          opset_version=18, dynamo=False)
