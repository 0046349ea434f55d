"""`klktools lab`: JupyterLab on the exploration notebook."""

from __future__ import annotations

import argparse
from pathlib import Path

import klktools
from klktools.batch import DOSSIERS, NOTEBOOKS
from klktools.cli.arguments import Commands, add_command, add_data, add_to
from klktools.cli.reading import assess
from klktools.cli.say import OK

# no news nor the question about it, no look for a newer version, no list of extensions to install
QUIET_LAB = (
    f"--LabApp.app_settings_dir={Path(klktools.__file__).with_name('lab')}",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)


def add(commands: Commands) -> None:
    """Its arguments."""
    lab = add_command(commands, "lab", run, "open JupyterLab on the exploration notebook")
    add_data(lab)
    add_to(lab)


def run(args: argparse.Namespace) -> int:
    """Seal the dossiers, then start JupyterLab in the notebooks' folder; it asks nothing of the outside."""
    from jupyterlab.labapp import LabApp

    from klktools.dossier.seal import seal_dossiers

    args.to.mkdir(parents=True, exist_ok=True)
    seal_dossiers(assess(args), args.to / DOSSIERS)
    print(f'explore.ipynb: data = "{args.data.resolve().as_posix()}"')
    opened = [f"--ServerApp.root_dir={NOTEBOOKS}", str(NOTEBOOKS / "explore.ipynb")]
    LabApp.launch_instance([*QUIET_LAB, *opened])
    return OK
