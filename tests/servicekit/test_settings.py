import pytest
from pydantic import ValidationError

from servicekit.settings import ServiceSettings, explain, split_address

pytestmark = pytest.mark.unit


class ShopSettings(ServiceSettings, service="shop"):
    answer: int = 1


def test_own_prefix_wins_over_the_shared_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """One value for all services can be overruled for one of them."""
    monkeypatch.setenv("STICKERDESK_ANSWER", "2")
    assert ShopSettings().answer == 2
    monkeypatch.setenv("STICKERDESK_SHOP_ANSWER", "3")
    assert ShopSettings().answer == 3


def test_dotenv_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """`.env` of the working folder counts, below the environment."""
    (tmp_path / ".env").write_text("STICKERDESK_ANSWER=5\nSTICKERDESK_SHOP_LOG_LEVEL=error\n")
    monkeypatch.chdir(tmp_path)
    assert (ShopSettings().answer, ShopSettings().log_level) == (5, "error")
    monkeypatch.setenv("STICKERDESK_ANSWER", "6")
    assert ShopSettings().answer == 6


def test_a_wrong_value_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator reads which variable to change."""
    monkeypatch.setenv("STICKERDESK_ANSWER", "many")
    with pytest.raises(ValidationError) as caught:
        ShopSettings()
    assert "STICKERDESK_SHOP_ANSWER" in explain(caught.value, "shop")


@pytest.mark.parametrize(
    ("text", "address"),
    [("127.0.0.1:80", ("127.0.0.1", 80)), ("[::1]:9", ("::1", 9)), (":7", ("0.0.0.0", 7))],
)
def test_addresses_split(text: str, address: tuple[str, int]) -> None:
    """IPv6 and empty hosts are understood."""
    assert split_address(text) == address


@pytest.mark.parametrize("text", ["", "host", "host:", "host:x", "host:70000"])
def test_bad_addresses_are_refused(text: str) -> None:
    """No guess is made about half an address."""
    with pytest.raises(ValueError, match="host:port"):
        split_address(text)
