"""A new scenario plays as it stands, from the starter and from a table; nothing is overwritten or half written."""

import pytest

from casework import workbench
from casework.edges import content
from casework.model.errors import BadInput


@pytest.fixture
def team(tmp_path):
    workbench.init(tmp_path / "team")
    return tmp_path / "team"


def test_a_new_scenario_passes_its_check(team):
    place = workbench.new_scenario(team, "second-opinion", "complaints")
    found = workbench.check([place], 3)
    assert found["ok"], found["problems"]
    assert [s["id"] for s in found["scenarios"]] == ["second-opinion"]


def test_a_table_becomes_injects_and_its_words_stay_words(team, tmp_path):
    table = tmp_path / "t.csv"
    table.write_text('at,from,channel,says\n"first_day, 11:00",member,email,"It says: {member} & ""quoted"", 50% # off"\n"first_day + 1 days, 09:00",handler,email,Later\n')
    place = workbench.new_scenario(team, "from-a-table", table=table)
    held = content.load(team)
    drafted = [i for i in held.get_scenario("from-a-table").injects if i.id.startswith("drafted-")]
    assert [i.at for i in drafted] == ["first_day, 11:00", "first_day + 1 days, 09:00"]
    assert drafted[0].body == 'It says: (member) & "quoted", 50% # off'
    assert any("drafted-2 comes in no answer" in p["message"] for p in workbench.check([place], 1)["problems"])


@pytest.mark.parametrize(("text", "message"), [
    ("when,from,channel,says\n", "no rows"),
    ("when,from,channel,says\na,b,c,d\n", "no column at"),
    ("at,from,channel,says\nsoon,member,email,x\n", "row 2, at"),
    ('at,from,channel,says\n"first_day, 11:00",nobody,email,x\n', "row 2, from"),
    ('at,from,channel,says\n"first_day, 11:00",member,pigeon,x\n', "row 2, channel"),
])  # fmt: skip
def test_a_bad_table_makes_nothing(team, tmp_path, text, message):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(BadInput, match=message):
        workbench.new_scenario(team, "never", table=tmp_path / "t.csv")
    assert not list(team.glob("scenarios/cases/*/never"))


@pytest.mark.parametrize("id", ["../up", "Upper", "a b", "", "-x", "x" * 61])
def test_an_id_that_is_no_folder_s_name_is_refused(team, id):
    with pytest.raises(BadInput, match="small letters"):
        workbench.new_scenario(team, id)


def test_what_is_there_stays(team):
    with pytest.raises(BadInput, match="there is one already"):
        workbench.new_scenario(team, "rule-7-handler-away")


def test_a_new_scenario_names_its_schemas_where_they_are(team):
    import re

    place = workbench.new_scenario(team, "second-opinion")
    for path in place.rglob("*.yaml"):
        named = re.search(r"\$schema=(\S+)", path.read_text())
        assert (path.parent / named[1]).resolve().is_file()
