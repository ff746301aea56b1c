"""Where things are on this machine: shipped resources, settings, data and locks. It changes nothing on disk."""

import sys
from pathlib import Path

import platformdirs

_APP = "Staff Console"


def resources() -> Path:
    """The folder of shipped resources: in a frozen program, in an installed wheel, or in a checkout."""
    package = Path(__file__).parent
    installed = package / "_resources"
    if getattr(sys, "frozen", False):
        return Path(sys._MEIPASS) / "resources"  # type: ignore[attr-defined]  # set by the frozen program only
    return installed if installed.is_dir() else package.parent / "resources"


def config_dir() -> Path:
    """This user's settings."""
    return platformdirs.user_config_path(_APP, appauthor=False, roaming=True)


def profiles_dir() -> Path:
    """The profiles that `--profile NAME` looks in, one TOML file each."""
    return config_dir() / "profiles"


def profile_file(named: str) -> Path:
    """The file of a profile that is named by its name or by its path."""
    path = Path(named)
    return path if path.suffix == ".toml" or path.exists() else profiles_dir() / f"{named}.toml"


def data_dir(profile_id: str) -> Path:
    """The data of one profile on this machine. `profile_id` is checked by `console.settings.Profile`."""
    return platformdirs.user_data_path(_APP, appauthor=False) / profile_id


def lock_dir() -> Path:
    """The folder, one for each user of the machine, where running processes hold their locks.

    It is the same for every profile and data folder, so that a process can tell whether another one is dead.
    """
    return platformdirs.user_state_path(_APP, appauthor=False) / "locks"
