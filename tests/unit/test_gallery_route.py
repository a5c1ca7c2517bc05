"""The route of the gallery's pictures: kept, themed, and its refusals name what is near."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nnopt_viz.gallery import GALLERY
from nnopt_viz.gallery.picture import picture
from nnopt_viz.page import build_app
from nnopt_viz.web.gallery import PATH

if TYPE_CHECKING:
    from flask.testing import FlaskClient

NAME = "double_well"


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return build_app().server.test_client()


def test_a_picture_is_its_svg_in_the_theme_and_who_holds_it_gets_304(client: FlaskClient) -> None:
    made = {}
    for theme in ("light", "dark"):
        answer = client.get(f"{PATH}?picture={NAME}&theme={theme}")
        assert answer.status_code == 200
        assert answer.mimetype == "image/svg+xml"
        assert answer.text == picture(GALLERY[NAME], theme)
        made[theme] = answer.headers["ETag"]
        again = client.get(
            f"{PATH}?picture={NAME}&theme={theme}", headers={"If-None-Match": made[theme]}
        )
        assert again.status_code == 304
        assert not again.data
    assert made["light"] != made["dark"]
    assert client.get(f"{PATH}?picture={NAME}").headers["ETag"] == made["light"]


@pytest.mark.parametrize(
    ("query", "key", "nearest", "said"),
    [
        ("picture=double_wel", "picture", "double_well", "There is no picture 'double_wel'."),
        ("picture=", "picture", None, "There is no picture ''."),
        ("", "picture", None, "No picture is named."),
        (f"picture={NAME}&picture={NAME}", "picture", NAME, "picture may stand once."),
        (f"pictures={NAME}", "pictures", "picture", "There is no key 'pictures'."),
        (f"picture={NAME}&theme=drak", "theme", "dark", "theme is light or dark, once."),
        ("picture=" + "%F0%9F%8E%A8" * 200, "picture", None, "There is no picture"),
    ],
)
def test_a_bad_query_is_refused_by_name(
    client: FlaskClient, query: str, key: str, nearest: str | None, said: str
) -> None:
    answer = client.get(f"{PATH}?{query}")
    assert answer.status_code == 400
    error = answer.get_json()["error"]
    assert error["key"] == key
    assert error["nearest"] == nearest
    assert error["message"].startswith(said)
