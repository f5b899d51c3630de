"""How many raises and moves a second one worker of four threads serves over HTTP, and with how many SQL statements.

Starts its own demonstration city in a temporary folder, with rate limits on: clients come from many
addresses through a named proxy. Every raise is the last of the form's three pages, every move the `post` of a clerk
at the workbench: the real forms, cookies and CSRF tokens. The baseline in the same run is the raw SQL that a raise and
a move cannot do without, sent by pgbench as prepared statements, one connection a client: a raise locks the counter,
writes an entry and its event; a move locks its entry, changes it and writes an event; each commits with fsync.

    .venv/bin/python benchmarks/over_http.py [--raises 1200] [--moves 1200]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg
from running import Client, Running, city, signed_in

RESULTS = Path(__file__).parent / "results"
AREA_OF_THE_CLERK = "茶花社区"


def raise_one(client: Client, token: str, area: str) -> None:
    status, where = client.post(
        "/raise/",
        {
            "csrfmiddlewaretoken": token,
            "page": "check",
            "go": "send",
            "key": secrets.token_hex(16),
            "place": area,
            "a.what": "路灯三天不亮，晚上孩子上学看不见路。",
            "a.spot": "三号楼前",
        },
    )
    if status != 303:
        raise SystemExit(f"a raise answered {status}: {where[:400]}")


def post_one(client: Client, token: str, number: str) -> None:
    status, where = client.post(
        f"/desk/e/{number}",
        {
            "csrfmiddlewaretoken": token,
            "move": "post",
            "seq": "1",
            "key": secrets.token_hex(16),
            "a.public-title": "路灯三天不亮",
            "a.public-text": "晚上看不见路，请维修。",
            "a.category": "street-light",
        },
    )
    if status != 303:
        errors = re.findall(r'class="[^"]*problem[^"]*"[^>]*>([^<]+)', where)
        raise SystemExit(f"a move answered {status}: {errors or where[:400]}")


def per_second(jobs: list[Callable[[], None]], clients: int) -> float:
    """Share the jobs among client processes; return how many were done a second.

    Processes, not threads: threads of one Python would measure how they wait for each other.
    """
    starters = [os.pipe() for _ in range(clients)]
    children = []
    for place in range(clients):
        child = os.fork()
        if child == 0:
            os.read(starters[place][0], 1)
            try:
                for job in jobs[place::clients]:
                    job()
            except SystemExit as wrong:
                print(wrong, file=sys.stderr)
                os._exit(1)
            os._exit(0)
        children.append(child)
    start = time.perf_counter()
    for _, write in starters:
        os.write(write, b"!")
    statuses = [os.waitpid(child, 0)[1] for child in children]
    if any(statuses):
        raise SystemExit("A client stopped: see above.")
    return len(jobs) / (time.perf_counter() - start)


RAW = {
    "raises": """
BEGIN;
UPDATE bench.counter SET value = value + 1 WHERE name = 'LS-26';
WITH e AS (INSERT INTO bench.entry (seq, facts) VALUES (1, :facts) RETURNING id)
 INSERT INTO bench.event (entry, body) SELECT id, decode(:body, 'hex') FROM e;
COMMIT;
""",
    "moves": """
\\set id random(1, 2000)
BEGIN;
SELECT seq FROM bench.entry WHERE id = :id FOR NO KEY UPDATE;
WITH e AS (UPDATE bench.entry SET seq = seq + 1, facts = :facts WHERE id = :id RETURNING id)
 INSERT INTO bench.event (entry, body) SELECT id, decode(:body, 'hex') FROM e;
COMMIT;
""",
}
GROUND = """
CREATE SCHEMA bench;
CREATE TABLE bench.counter (name text PRIMARY KEY, value int);
CREATE TABLE bench.entry (id bigserial PRIMARY KEY, seq int, facts jsonb);
CREATE TABLE bench.event (id bigserial PRIMARY KEY, entry bigint, body bytea);
INSERT INTO bench.counter VALUES ('LS-26', 0);
INSERT INTO bench.entry (seq, facts) SELECT 0, '{}' FROM generate_series(1, 2000);
"""


def raw(url: str, what: str, clients: int, *, seconds: int = 4) -> float:
    """Return how many of the raw transactions of `what` pgbench gets through a second."""
    from jiebang.desk.postgres import client_tool

    facts = json.dumps({"state": "posted", "deeds": ["x" * 60] * 8})
    with psycopg.connect(url, autocommit=True) as setup:
        setup.execute(GROUND)
    try:
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(RAW[what])
            script.flush()
            options = ["-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(seconds), "-f", script.name]
            given = ["-D", f"facts={facts}", "-D", f"body={secrets.token_hex(600)}"]
            run = subprocess.run([client_tool("pgbench"), *options, *given, url], capture_output=True, text=True)
    finally:
        with psycopg.connect(url, autocommit=True) as mend:
            mend.execute("DROP SCHEMA bench CASCADE")
    found = re.search(r"^tps = ([0-9.]+)", run.stdout, re.MULTILINE)
    if run.returncode or found is None:
        raise SystemExit(f"pgbench stopped: {run.stderr[-400:]}")
    return float(found[1])


def community(city_port: int, name: str) -> str:
    """Find the area's code as a resident does: by typing its name into the form's search."""
    client = Client(city_port)
    token = client.token("/raise/")
    page = client.post(
        "/raise/",
        {"csrfmiddlewaretoken": token, "page": "where", "go": "search", "q": name, "key": secrets.token_hex(16)},
    )[1]
    codes = re.findall(r'value="(\d{12})"', page)
    if not codes:
        raise SystemExit(f"the search for {name} found no area")
    return str(codes[0])


def database_of(home: Path) -> str:
    from jiebang.desk.home import own_database_url, this_home

    return own_database_url(this_home({"JIEBANG_HOME": str(home)}), "owner")


def measure(running: Running, *, raises: int, moves: int) -> dict[str, float]:
    port = running.port
    area = community(port, AREA_OF_THE_CLERK)
    url = database_of(running.home)
    found: dict[str, float] = {}
    for clients in (1, 4):
        before = newest(url)
        found[f"raises, {clients} clients"] = per_second(raise_jobs(port, area, clients, raises), clients)
        found[f"raw raises, {clients} clients"] = raw(url, "raises", clients)
        numbers = raised_since(url, before)
        found[f"moves, {clients} clients"] = per_second(move_jobs(running, clients, numbers[:moves]), clients)
        found[f"raw moves, {clients} clients"] = raw(url, "moves", clients)
    return found


def newest(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT coalesce(max(id), 0) FROM leshan.boards_entry").fetchone()
    return int(row[0]) if row else 0


def raised_since(url: str, entry_id: int) -> list[str]:
    with psycopg.connect(url) as connection:
        return [
            row[0]
            for row in connection.execute(
                "SELECT number FROM leshan.boards_entry WHERE id > %s ORDER BY id", [entry_id]
            )
        ]


def raise_jobs(port: int, area: str, clients: int, n: int) -> list[Callable[[], None]]:
    residents = [Client(port) for _ in range(clients)]
    tokens = [client.token("/raise/") for client in residents]
    for client, token in zip(residents, tokens, strict=True):
        raise_one(client, token, area)  # one each before the clock starts: connections and caches
    return [partial(raise_one, residents[i % clients], tokens[i % clients], area) for i in range(n)]


def move_jobs(running: Running, clients: int, numbers: list[str]) -> list[Callable[[], None]]:
    clerks = [signed_in(running, "clerk") for _ in range(clients)]
    tokens = [clerk.token(f"/desk/e/{numbers[0]}") for clerk in clerks]
    return [partial(post_one, clerks[i % clients], tokens[i % clients], number) for i, number in enumerate(numbers)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raises", type=int, default=1200)
    parser.add_argument("--moves", type=int, default=1200)
    asked = parser.parse_args()
    with city(proxy=True) as running:
        found = measure(running, raises=asked.raises, moves=asked.moves)
    machine = f"{platform.node()}: {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    print(machine)
    for what, speed in found.items():
        ratio = "" if what.startswith("raw") else f"   {speed / found[f'raw {what}']:5.2f} of pgbench"
        print(f"{what:24} {speed:8.0f} a second{ratio}")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "over_http.json").write_text(
        json.dumps({"machine": machine, "per_second": {k: round(v) for k, v in found.items()}}, indent=2) + "\n"
    )


if __name__ == "__main__":
    main()
