"""The options that every command takes: where they may stand, and what they come to."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from console import paths
from console.cli_options import CommonOptions, Json, Profiled, environment, with_common_options
from console.errors import SettingsError

_PROFILE = """
id = "shop-1"
environment = "sandbox"
[salesforce]
instance_url = "https://shop.example.com"
[whmcs]
url = "https://billing.example.com"
customer_number_field_id = 3
"""


def run(*arguments: str) -> tuple[CommonOptions, str, int]:
    """What a command with the common options and two of its own received."""
    received: list[tuple[CommonOptions, str, int]] = []
    app = typer.Typer()

    @app.callback()
    def before(context: typer.Context, json: Json = False, profile: Profiled = "") -> None:
        context.obj = CommonOptions(profile=profile, json=json)

    @app.command()
    @with_common_options
    def show(options: CommonOptions, order: str, *, limit: int = 5) -> None:
        received.append((options, order, limit))

    outcome = CliRunner().invoke(app, list(arguments))
    assert outcome.exit_code == 0, outcome.output
    return received[0]


def test_options_may_stand_after_the_commands_name() -> None:
    options, order, limit = run("show", "801", "--demo", "--json", "--as", "support", "--limit", "9")
    assert options == CommonOptions(demo=True, json=True, signed_in_as="support")
    assert (order, limit) == ("801", 9)


def test_options_may_stand_before_the_commands_name_and_on_both_sides() -> None:
    options, _, _ = run("--json", "--profile", "shop", "show", "801", "--profile", "other", "--as", "support")
    assert options == CommonOptions(profile="other", json=True, signed_in_as="support")


def test_without_options_everything_is_at_its_default() -> None:
    assert run("show", "801") == (CommonOptions(), "801", 5)


def test_what_stands_later_counts_and_what_it_leaves_open_comes_from_before() -> None:
    before = CommonOptions(profile="shop", data_dir=Path("a"), json=True)
    after = CommonOptions(data_dir=Path("b"), signed_in_as="support")
    assert after.over(before) == CommonOptions(profile="shop", data_dir=Path("b"), json=True, signed_in_as="support")


def test_a_profile_is_found_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_text(_PROFILE, encoding="utf-8")
    with environment(CommonOptions(profile=str(file))) as (profile, folder):
        assert (profile.id, folder) == ("shop-1", paths.data_dir("shop-1"))
    with environment(CommonOptions(profile=str(file), data_dir=tmp_path)) as (_, folder):
        assert folder == tmp_path


def test_a_profile_is_found_by_its_name() -> None:
    paths.profiles_dir().mkdir(parents=True)
    (paths.profiles_dir() / "shop.toml").write_text(_PROFILE, encoding="utf-8")
    with environment(CommonOptions(profile="shop")) as (profile, _):
        assert profile.id == "shop-1"


@pytest.mark.parametrize("named", ["", "nobody", "none.toml"])
def test_without_a_profile_there_is_nothing_to_work_with(named: str) -> None:
    with pytest.raises(SettingsError), environment(CommonOptions(profile=named)):
        pass


def test_practice_has_a_sandbox_and_a_folder_of_its_own_that_is_gone_afterwards() -> None:
    with environment(CommonOptions(demo=True)) as (profile, folder):
        assert profile.environment == "practice"
        assert profile.practice is not None
        assert folder.is_dir()
    assert not folder.exists()
