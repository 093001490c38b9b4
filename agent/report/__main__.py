"""`python -m agent.report` writes `schema.json` anew from the types."""

from pathlib import Path

from agent.report import schema_text, write_atomically
from agent.report.validity import SCHEMA_FILE

if __name__ == "__main__":
    write_atomically(Path(__file__).with_name(SCHEMA_FILE), schema_text())
