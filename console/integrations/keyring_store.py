"""Secrets in the operating system's own store, and nowhere else."""

from pydantic import SecretStr

from console.errors import SettingsError

_SERVICE = "Staff Console"


def read_secret(profile_id: str, name: str) -> SecretStr:
    """The secret `name` of a profile. Raises `SettingsError` where there is none or no store."""
    # Imported on first use: finding the platform's store takes a while, and practice needs none.
    import keyring
    from keyring.errors import KeyringError

    try:
        value = keyring.get_password(_SERVICE, f"{profile_id}/{name}")
    except KeyringError as error:
        raise SettingsError(f"The system's password store cannot be used ({type(error).__name__}).") from None
    if value is None:
        raise SettingsError(f"The password store holds no {name} for the profile {profile_id}.")
    return SecretStr(value)
