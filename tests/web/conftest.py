"""Readers of the sample."""

import pytest

from gis import accounts, db
from tests.conftest import engine_of, serving


@pytest.fixture(scope="session")
def leader(sample):
    """A program of a leader's, who may have personal data of every project."""
    email = "truong-phong@gpmb.vn"
    with serving(sample) as app:
        with engine_of(sample.owner) as engine, db.transaction(engine) as session:
            if accounts.find(session, email) is None:
                accounts.invite(session, email=email, full_name="Người đọc", role="leader")
        made = app.test_cli_runner().invoke(args=["token", "create", "--user", email, "--scope", "read"])
        assert made.exit_code == 0, made.output
        program = app.test_client()
        program.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {made.output.strip()}"
        yield program
