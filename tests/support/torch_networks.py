"""torchvision's networks with another activation and random weights, for tests and measurements."""
import warnings
from collections.abc import Callable

from torch import nn

Activation = Callable[[], nn.Module]


def swap_activations(module: nn.Module, activation: Activation) -> None:
    for name, child in module.named_children():
        if isinstance(child, (nn.ReLU, nn.ReLU6)):
            setattr(module, name, activation())
        else:
            swap_activations(child, activation)


def torchvision_network(family: str, classes: int, activation: Activation | None) -> nn.Module:
    """activation: None leaves the family's own."""
    import torchvision  # Here, as not everybody who has torch has it, or needs it.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = torchvision.models.get_model(family, weights=None, num_classes=classes)
    if activation is not None:
        swap_activations(model, activation)
    return model


def randomise_statistics(model: nn.Module) -> None:
    """Gives batch norms means and variances, which fresh ones do not have."""
    for part in model.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.normal_(part.running_mean, std=0.1)
            nn.init.uniform_(part.running_var, 0.5, 2)
