"""The options that every command takes, before or after its name, and what they come to."""

import functools
import inspect
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from console import paths
from console.errors import SettingsError
from console.settings import Profile, load_profile

Profiled = Annotated[str, typer.Option("--profile", help="Profile name, or the path of a TOML file.")]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Data folder instead of the profile's own.")]
Demo = Annotated[bool, typer.Option("--demo", help="Practice: start the sandbox inside and sign in by itself.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
SignedInAs = Annotated[str, typer.Option("--as", help="Role or name of the invented person (sandbox only).")]


@dataclass(frozen=True)
class CommonOptions:
    """What was given before or after the command's name."""

    profile: str = ""
    data_dir: Path | None = None
    demo: bool = False
    json: bool = False
    signed_in_as: str = ""

    def over(self, earlier: "CommonOptions") -> "CommonOptions":
        """These options, and the earlier ones where these say nothing."""
        return replace(earlier, **{name: value for name, value in vars(self).items() if value})


_PARAMETERS = {"profile": (Profiled, ""), "data_dir": (DataDir, None), "demo": (Demo, False), "json": (Json, False),
               "signed_in_as": (SignedInAs, "")}  # fmt: skip


def with_common_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the common options; it receives them as its first argument, `options`."""

    @functools.wraps(command)
    def wrapped(context: typer.Context, **values: Any) -> None:
        given = CommonOptions(**{name: values.pop(name) for name in _PARAMETERS})
        command(given.over(context.obj or CommonOptions()), **values)

    own = list(inspect.signature(command).parameters.values())[1:]
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
        for name, (annotation, default) in _PARAMETERS.items()
    ]
    first = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    keyword_only = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own]
    wrapped.__signature__ = inspect.Signature([first, *keyword_only, *shared])  # type: ignore[attr-defined]
    wrapped.__annotations__ = {one.name: one.annotation for one in [first, *keyword_only, *shared]}
    return wrapped


@contextmanager
def environment(options: CommonOptions) -> Iterator[tuple[Profile, Path]]:
    """The profile and data folder to work with; with `--demo` a sandbox runs for as long as the block does.

    Raises `SettingsError` where no profile is named or it cannot be used.
    """
    if options.demo:
        from console.practice import practice_profile  # noqa: PLC0415 - the sandbox's libraries are an extra

        with practice_profile() as profile, tempfile.TemporaryDirectory() as folder:
            yield profile, options.data_dir or Path(folder)
    elif options.profile:
        profile = load_profile(paths.profile_file(options.profile))
        yield profile, options.data_dir or paths.data_dir(profile.id)
    else:
        raise SettingsError("Name a profile with --profile, or use --demo for practice.")
