"""People outside the shop: e-mail, social networks, surveys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpi_core.demo.company import REGIONS, routes
from kpi_core.demo.generated_table import EMPTY, Column, Table, coded, day, hundredths, identity, instant, text, whole
from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from kpi_core.demo.business.traffic import Visits
    from kpi_core.demo.draws import Draws, Flags, Floats, Ints
    from kpi_core.demo.seasons import Days

AUDIENCES = ("all", "repeat buyers", "new subscribers", "hotels")
_MAILINGS = ((1, 0, 6800, 0.33), (3, 1, 2100, 0.40), (4, 2, 900, 0.44), (2, 3, 420, 0.31))
"""Weekday, audience, sent, open rate."""

NETWORKS = ("instagram", "tiktok", "facebook", "naver_blog")
_POSTS_A_DAY = (1.0, 0.60, 0.40, 0.35)
_FOLLOWERS_A_DAY = (16.0, 13.0, 3.0, 4.5)
_REACH_A_POST = (2600.0, 4200.0, 900.0, 700.0)
_SINCE = 16_436
"""2015-01-01, the accounts' first day, as days since 1970."""

SURVEYS = ("nps", "csat", "awareness")
_BUYERS_ASKED = ((0.22, 14), (0.28, 3))
"""Of the first two surveys: the share that answers, and how many days after the order."""
_NPS = (0.008, 0.007, 0.010, 0.014, 0.018, 0.035, 0.063, 0.115, 0.185, 0.240, 0.305)
_CSAT = (0.03, 0.05, 0.12, 0.38, 0.42)
_DAY = 86_400


@frozen
class _Responses:
    """People who answered a survey, and when."""

    key: Ints
    at: Ints
    channel: Ints
    region: Ints


def email_campaigns(draws: Draws, days: Days) -> Table:
    """Four mailings a week at ten in the morning, to lists that grow with the company."""
    import numpy as np

    rows = [(position, mailing) for position, weekday in enumerate(days.weekday) for mailing in _due(int(weekday))]
    position = np.array([row[0] for row in rows], dtype=np.int64)
    audience = np.array([row[1][1] for row in rows], dtype=np.int64)
    key = days.ordinals[position] * 10 + audience
    sent = np.rint(np.array([row[1][2] for row in rows]) * days.growth[position] * draws.noise(0.02, "mail/sent", key))
    bounces = np.rint(sent * 0.016 * draws.noise(0.25, "mail/bounces", key))
    delivered = sent - bounces
    opens = np.rint(delivered * np.array([row[1][3] for row in rows]) * draws.noise(0.07, "mail/opens", key))
    clicks = np.rint(opens * 0.095 * draws.noise(0.18, "mail/clicks", key))
    return {
        "campaign_id": identity("E", key),
        "sent_at": instant(days.midnight[position] + 10 * 3600),
        "audience": text(AUDIENCES, audience),
        "sent": _counted(sent),
        "delivered": _counted(delivered),
        "unique_opens": _counted(np.minimum(opens, delivered)),
        "unique_clicks": _counted(clicks),
        "unsubscribes": whole(draws.poisson(delivered * 0.0022, "mail/leaves", key)),
        "bounces": _counted(bounces),
        "spam_complaints": whole(draws.poisson(delivered * 0.0002, "mail/spam", key)),
    }


def _due(weekday: int) -> list[tuple[int, int, int, float]]:
    return [mailing for mailing in _MAILINGS if mailing[0] == weekday]


def social_posts(draws: Draws, days: Days) -> Table:
    """At most one post a day and network; some do much better than others."""
    import numpy as np

    networks = np.arange(len(NETWORKS))
    published = draws.uniform("post/any", days.ordinals[:, None], networks[None, :]) < np.array(_POSTS_A_DAY)[None, :]
    position, network = np.nonzero(published)
    key = days.ordinals[position] * 10 + network
    reach = np.array(_REACH_A_POST)[network] * days.growth[position] * draws.noise(0.55, "post/reach", key)
    impressions = reach * (1.12 + 0.25 * draws.uniform("post/seen_again", key))
    likes = impressions * 0.040 * draws.noise(0.35, "post/likes", key)
    at = days.midnight[position] + np.floor(3600 * (9 + 11 * draws.uniform("post/hour", key))).astype(np.int64)
    filmed = (network == NETWORKS.index("tiktok")) | (draws.uniform("post/film", key) < 0.35)
    return {
        "post_id": identity("P", key),
        "published_at": instant(at),
        "network": text(NETWORKS, network.astype(np.int64)),
        "impressions": _counted(impressions),
        "reach": _counted(reach),
        "likes": _counted(likes),
        "comments": whole(draws.poisson(likes * 0.070, "post/comments", key)),
        "shares": whole(draws.poisson(likes * 0.090, "post/shares", key)),
        "saves": whole(draws.poisson(likes * 0.120, "post/saves", key)),
        "link_clicks": whole(draws.poisson(impressions * 0.007, "post/links", key)),
        "video_views": _counted(np.where(filmed, impressions * 0.42, 0.0)),
    }


def social_accounts(draws: Draws, days: Days) -> Table:
    """Followers are all those won since the accounts were opened, less the few who leave."""
    import numpy as np

    # From the accounts' own first day, so that a day's followers do not depend on when the data begins.
    since = np.arange(min(_SINCE, int(days.ordinals[0])), int(days.ordinals[-1]) + 1)
    networks = np.arange(len(NETWORKS))
    mean = np.broadcast_to(np.array(_FOLLOWERS_A_DAY)[None, :], (len(since), len(networks)))
    won = draws.poisson(mean, "account/won", since[:, None], networks[None, :])
    left = draws.poisson(mean * 0.18, "account/left", since[:, None], networks[None, :])
    followers = np.cumsum(won - left, axis=0)[-days.count :]
    reached = followers * 0.085 * draws.noise(0.22, "account/reach", days.ordinals[:, None], networks[None, :])
    return {
        "date": day(np.repeat(days.ordinals, len(networks))),
        "network": text(NETWORKS, np.tile(networks, days.count)),
        "followers": whole(followers.ravel()),
        "new_followers": whole(won[-days.count :].ravel()),
        "reached_users": _counted(reached.ravel()),
    }


def survey_responses(draws: Draws, days: Days, bought: Visits) -> Table:
    """Buyers are asked whether they would recommend, two weeks later, and how satisfied they are, three days later.

    Whether the brand is known is asked of twelve strangers a day.
    """
    import numpy as np

    responses = [
        _buyers_asked(draws, days, bought, 0),
        _buyers_asked(draws, days, bought, 1),
        _strangers_asked(draws, days),
    ]
    joined = {
        name: np.concatenate([getattr(part, name) for part in responses]) for name in ("key", "at", "channel", "region")
    }
    survey = np.repeat(np.arange(len(SURVEYS)), [len(part.key) for part in responses])
    scores = [_scores(draws, days, survey, part) for survey, part in enumerate(responses)]
    return {
        "response_id": identity("R", joined["key"] * 10 + survey),
        "responded_at": instant(joined["at"]),
        "survey": text(SURVEYS, survey),
        "score": hundredths(np.concatenate(scores)),
        "channel": text(coded([way.channel for way in routes()])[0], joined["channel"]),
        "region": text(REGIONS, joined["region"]),
    }


def _buyers_asked(draws: Draws, days: Days, bought: Visits, survey: int) -> _Responses:
    share, after = _BUYERS_ASKED[survey]
    at = bought.second + after * _DAY
    answering = (draws.uniform(f"survey/{SURVEYS[survey]}", bought.key) < share) & (at < days.end)
    channels = coded([way.channel for way in routes()])[1]
    return _Responses(bought.key[answering], at[answering], channels[bought.route[answering]], bought.region[answering])


def _strangers_asked(draws: Draws, days: Days) -> _Responses:
    import numpy as np

    place, position = np.tile(np.arange(12), days.count), np.repeat(np.arange(days.count), 12)
    key = days.ordinals[position] * 100 + place
    region = draws.choice((1.0,) * len(REGIONS), "survey/region", key)
    return _Responses(key, days.midnight[position] + 36_000 + place * 1800, np.full(len(key), EMPTY), region)


def _scores(draws: Draws, days: Days, survey: int, responses: _Responses) -> Floats:
    import numpy as np

    if survey == 0:
        return draws.choice(_NPS, "survey/nps/score", responses.key).astype(np.float64)
    if survey == 1:
        return (draws.choice(_CSAT, "survey/csat/score", responses.key) + 1).astype(np.float64)
    position = np.searchsorted(days.midnight, responses.at, side="right") - 1
    knows: Flags = draws.uniform("survey/knows", responses.key) < 0.22 * days.growth[position]
    return knows.astype(np.float64)


def _counted(amounts: Floats) -> Column:
    """Amounts as whole numbers."""
    import numpy as np

    return whole(np.rint(amounts).astype(np.int64))
