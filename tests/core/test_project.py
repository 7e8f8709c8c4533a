"""The project's own promises: what is declared is what is imported, what is written is true."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import typer

from healthindicators import errors
from healthindicators.cli import app
from healthindicators.report.checking import CheckError

CONDA_NAMES = {"playwright": "playwright-python", "jupyter-client": "jupyter_client"}


def project(repository):
    return tomllib.loads((repository / "pyproject.toml").read_text())["project"]


def declared(repository):
    about = project(repository)
    extras = about["optional-dependencies"].values()
    return about["dependencies"], [line for extra in extras for line in extra]


def name_of(requirement):
    return re.split(r"[<>=!~;\[ ]", requirement)[0].lower()


def test_environment_yml_equals_pyproject(repository):
    runtime, extras = declared(repository)
    text = (repository / "environment.yml").read_text()
    listed = re.findall(r"^\s+- ([\w-]+[<>=!~][^\s]+)$", text, re.MULTILINE)
    wanted = {
        CONDA_NAMES.get(name_of(r), name_of(r)) + r[len(name_of(r)) :] for r in runtime + extras
    }
    assert sorted(listed) == sorted(wanted | {f"python{project(repository)['requires-python']}"})


def test_every_library_that_is_imported_is_declared(repository):
    cluster = project(repository)["optional-dependencies"]["cluster"]
    runtime = {name_of(r).replace("_", "-") for r in [*declared(repository)[0], *cluster]}
    distributions = packages_distributions()
    for path in (repository / "healthindicators").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in (n.partition(".")[0] for n in names):
                if name in sys.stdlib_module_names or name == "healthindicators":
                    continue
                of = {d.lower().replace("_", "-") for d in distributions[name]}
                # pydantic_core is pydantic's own half, pinned by it.
                assert of & (runtime | {"pydantic-core"}), f"{path.name} imports {name}"


def pins(repository, name):
    text = (repository / name).read_text()
    return dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE))


def test_both_locks_pin_the_same_versions_with_hashes_and_no_address(repository):
    runtime, tests = (
        pins(repository, "requirements.lock"),
        pins(repository, "requirements-test.lock"),
    )
    assert len(runtime) > 100
    assert runtime.items() <= tests.items()
    for name in ("requirements.lock", "requirements-test.lock"):
        text = (repository / name).read_text()
        assert "://" not in text
        assert text.count("==") <= text.count("--hash=sha256:")
    wanted = {name_of(r) for r in declared(repository)[0]}
    assert wanted <= set(runtime)


def test_every_command_stands_in_the_readme(repository):
    readme = (repository / "README.md").read_text()
    for command in typer.main.get_command(app).commands:
        assert f"healthindicators {command}" in readme, command


def test_every_exit_code_stands_in_the_glossary_and_is_told_apart(repository):
    glossary = (repository / "GLOSSARY.md").read_text()
    classes = [
        c for c in vars(errors).values()
        if isinstance(c, type) and issubclass(c, errors.HealthIndicatorsError)
    ]  # fmt: skip
    codes = [c.exit_code for c in [*classes, CheckError] if c is not errors.ProblemsError]
    assert len(codes) == len(set(codes))
    for code in codes:
        assert f"| {code} |" in glossary, code


def test_the_plain_lines_of_the_readme_are_those_of_the_makefile(repository):
    readme = (repository / "README.md").read_text()
    makefile = (repository / "Makefile").read_text()
    recipe = makefile.split("test: ")[1].split("\n\n")[0]
    for line in re.findall(r"\$\(BIN\)/(.+)", recipe):
        assert f".venv/bin/{line}\n" in readme, line


def test_continuous_integration_runs_the_readmes_commands(repository):
    run = (repository / ".ci" / "run").read_text()
    for command in ("make reports", "make test"):
        assert command in run
        assert command in (repository / "README.md").read_text()


def test_the_data_page_lists_provider_table_and_terms_of_every_snapshot(repository):
    page = (repository / "data" / "README.md").read_text()
    sidecars = list((repository / "data" / "raw").rglob("*.toml"))
    for path in (p for p in sidecars if p.name != "lock.toml"):
        about = tomllib.loads(path.read_text())
        row = next(
            line for line in page.splitlines() if line.startswith(f"| {about['provider']} |")
        )
        assert about["provider_table"] in row
        assert about["licence"] in row


def test_nothing_leads_out_of_the_repository(repository):
    outside = "|".join(f"/{folder}/" for folder in ("work", "home", "root", "tmp"))
    for path in repository.rglob("*"):
        if path.suffix in {".py", ".toml", ".md", ".yml", ".j2", ".css", ".js", ".ipynb"}:
            if {".venv", "reports"} & set(path.relative_to(repository).parts):
                continue
            text = path.read_text(encoding="utf-8")
            assert not re.search(outside, text), path
