"""Hanok Goods: a made-up online shop for Korean home goods, with a small sales team for hotels and offices.

What is not drawn stands here: where visits come from, what they cost, and how well each way sells.
"""

from __future__ import annotations

from kpi_core.frozen_dataclass import frozen

NAME = "Hanok Goods"
TIMEZONE = "America/New_York"

REGIONS = ("US", "Korea", "Taiwan", "Europe")
REGION_SHARES = (0.45, 0.25, 0.12, 0.18)
DEVICES = ("mobile", "desktop", "tablet")
DEVICE_SHARES = (0.62, 0.33, 0.05)
AD_DEVICE_SHARES = {"mobile": 0.64, "desktop": 0.36}

LANDING_PAGES = ("/", "/bedding", "/lighting", "/ceramics", "/lp/gift-guide", "/lp/linen", "/journal")
LANDING_SHARES = (0.30, 0.17, 0.12, 0.11, 0.12, 0.10, 0.08)

FALLING_CAMPAIGN = "Unboxing Creators"
HOSTILE_CAMPAIGNS = ('=HYPERLINK("https://example.com","Win a lamp")', "<!channel> *Flash* sale")


@frozen
class Campaign:
    """Paid, one ad group a region and device. `clicks` a day; `cpc` in dollars; the rates are fractions of clicks."""

    name: str
    channel: str
    platform: str
    clicks: float
    cpc: float
    ctr: float
    conversion: float
    regions: tuple[str, ...] = REGIONS
    installs: float = 0.006
    views: float = 0.0
    """Video views an impression."""
    leads: float = 0.0
    """How many of the company's leads come from here, as a weight."""


@frozen
class Route:
    """One way to the shop: an ad group of a campaign, or a source that costs nothing a click."""

    channel: str | None
    source: str | None
    medium: str | None
    campaign: str | None
    daily: float
    """Clicks a day of an ad group, visits a day of a free source."""
    conversion: float
    region: str | None = None
    device: str | None = None
    platform: str | None = None
    cpc: float = 0.0
    ctr: float = 0.0
    installs: float = 0.0
    views: float = 0.0
    leads: float = 0.0

    @property
    def paid(self) -> bool:
        return self.platform is not None

    @property
    def ad_group(self) -> str | None:
        return f"{self.region} {self.device}" if self.paid else None


CAMPAIGNS = (
    Campaign("Brand Search", "search", "google", 55, 0.55, 0.085, 0.040, leads=8),
    Campaign("Home Decor Search", "search", "google", 58, 1.45, 0.038, 0.026, ("US", "Europe"), leads=6),
    Campaign("Shopping Feed", "search", "google", 60, 0.95, 0.012, 0.026, ("US", "Taiwan", "Europe"), leads=3),
    Campaign("Naver Power Link", "search", "naver", 34, 0.80, 0.030, 0.026, ("Korea",), leads=5),
    Campaign("Hotels and Offices", "search", "google", 12, 2.90, 0.034, 0.006, ("US", "Korea"), leads=26),
    Campaign(
        "Cozy Living Room", "social", "meta", 54, 1.05, 0.014, 0.018, ("US", "Taiwan", "Europe"), views=0.24, leads=5
    ),
    Campaign("Cart Retargeting", "social", "meta", 22, 1.25, 0.019, 0.040, leads=1),
    Campaign(FALLING_CAMPAIGN, "social", "tiktok", 44, 0.85, 0.010, 0.024, ("US", "Korea"), views=0.31, leads=2),
    Campaign("App Launch", "social", "tiktok", 22, 0.60, 0.011, 0.006, ("US", "Korea"), installs=0.22, views=0.28),
    Campaign("Linen Prospecting", "display", "google", 60, 0.74, 0.005, 0.020, ("US", "Europe"), leads=3),
    Campaign("Display Remarketing", "display", "google", 44, 0.88, 0.007, 0.030, ("US", "Taiwan", "Europe"), leads=2),
    Campaign(HOSTILE_CAMPAIGNS[0], "display", "google", 0.9, 0.80, 0.006, 0.012, ("US",)),
    Campaign(HOSTILE_CAMPAIGNS[1], "social", "meta", 0.9, 0.95, 0.012, 0.012, ("US",)),
)

FREE_ROUTES = (
    Route("direct", "direct", "none", None, 120, 0.020, installs=0.010, leads=12),
    Route("organic", "google", "organic", None, 105, 0.017, installs=0.010, leads=13),
    Route("organic", "naver", "organic", None, 34, 0.017, leads=4),
    Route("email", "newsletter", "email", "Weekly Letter", 32, 0.028, leads=4),
    Route("email", "newsletter", "email", "Welcome Series", 12, 0.034, leads=2),
    Route("email", "newsletter", "email", "Back in Stock", 7, 0.038),
    Route("referral", "press", "referral", None, 30, 0.012, installs=0.006, leads=6),
    Route("affiliate", "blogs", "affiliate", "Blog Partners", 20, 0.022, leads=2),
    # Visitors who refused to be tracked: nobody knows where they came from.
    Route(None, None, None, None, 15, 0.019, leads=2),
)

REPEAT_SHARES = (34, 20, 8, 22, 2, 8, 2, 2, 2)
"""Which of FREE_ROUTES a customer comes back by."""

_MEDIUM = {"search": "cpc", "social": "paid_social", "display": "display"}


def routes() -> tuple[Route, ...]:
    """All ways to the shop, the free ones first. A route's position is part of the keys of its rows: append only."""
    return FREE_ROUTES + tuple(route for campaign in CAMPAIGNS for route in _ad_groups(campaign))


def _ad_groups(campaign: Campaign) -> list[Route]:
    shares = dict(zip(REGIONS, REGION_SHARES, strict=True))
    reach = sum(shares[region] for region in campaign.regions)
    groups = []
    for region in campaign.regions:
        for device, part in AD_DEVICE_SHARES.items():
            share = shares[region] / reach * part
            groups.append(_ad_group(campaign, region, device, share))
    return groups


def _ad_group(campaign: Campaign, region: str, device: str, share: float) -> Route:
    return Route(
        channel=campaign.channel,
        source=campaign.platform,
        medium=_MEDIUM[campaign.channel],
        campaign=campaign.name,
        daily=campaign.clicks * share,
        conversion=campaign.conversion,
        region=region,
        device=device,
        platform=campaign.platform,
        # By the shares of the devices the two prices make the campaign's own again.
        cpc=campaign.cpc * (0.94 if device == "mobile" else 1.11),
        ctr=campaign.ctr,
        installs=campaign.installs if device == "mobile" else 0.0,
        views=campaign.views,
        leads=campaign.leads * share,
    )
