"""How a check says what it found."""
import os

_all_hold = True


def judge(what: str, measured, bound: str, holds: bool):
    """Prints a figure with its bound, and remembers whether all hold."""
    global _all_hold
    _all_hold = _all_hold and holds
    print(f"{what}: measured {measured}, must be {bound}: {'PASS' if holds else 'FAIL'}", flush=True)


def note(text: str):
    print(f"  {text}", flush=True)


def machine() -> str:
    """What a figure depends on besides the program."""
    return f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.2f} at the start"


def exit_status() -> int:
    return 0 if _all_hold else 1
