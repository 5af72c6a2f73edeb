"""Which model and which campaign a command works with: those that a service would, unless an option says otherwise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mahlan.cli.runtime import settings_now

if TYPE_CHECKING:
    from mahlan.core.campaign import Campaign
    from mahlan.events.comment import Band
    from mahlan.scoring.cascade import Served
    from mahlan.scoring.changes import Place
    from mahlan.scoring.served import Found
    from mahlan.scoring.signature import Trusted


def models_folder() -> Path:
    """``MAHLAN_MODELS_DIR``, or the folder that comes with mahlan."""
    from mahlan.runtime.data import data_folder

    given = settings_now().models_dir
    return Path(given) if given else data_folder("models")


def registry_file() -> Path | None:
    """``MAHLAN_MODELS_REGISTRY``; None for the one in the models folder."""
    given = settings_now().models_registry
    return Path(given) if given else None


def registry_place() -> Place:
    """Both, as the changes of the registry want them."""
    from mahlan.scoring.changes import Place

    return Place(models_folder(), registry_file())


def find_served(name: str | None) -> Found:
    """The model or cascade ``NAME@VERSION``, else the one that the scorer would serve. Raises ``ModelError``."""
    from mahlan.scoring.served import find_served as find

    return find(models_folder(), name or settings_now().scorer_model or None, registry_file())


def load_served(found: Found) -> Served:
    """It, loaded. Raises ``ModelError``."""
    from mahlan.scoring.onnx import named_providers
    from mahlan.scoring.served import load_served as load

    settings = settings_now()
    return load(
        found,
        threads=settings.scorer_threads,
        providers=named_providers(settings.scorer_providers),
        trusted=trusted_keys(),
    )


def trusted_keys() -> Trusted:
    """The keys of ``MAHLAN_SCORER_TRUSTED_KEYS``. Raises ``SettingsError``."""
    from mahlan.scoring.signature import read_trusted

    return read_trusted(settings_now().scorer_trusted_keys)


def load_campaign(name: str | None) -> Campaign:
    """The campaign of that id, else the one in force. Raises ``CampaignError``."""
    from mahlan.campaign_files import load_campaign as load

    settings = settings_now()
    return load(replace(settings, campaign=name) if name else settings)


def asking_band() -> Band:
    """The band from which on the scorer looks for spans: the lowest in which a campaign asks."""
    from mahlan.campaign_files import load_campaigns
    from mahlan.core.campaign import least_band

    return least_band(load_campaigns(settings_now()).values())
