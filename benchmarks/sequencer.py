"""How fast are waiting leaves numbered, signed and made durable; and how fast can a stranger check them?

Sequencer: `sequence_once` in batches, from rows that wait to a published checkpoint (fsync on, of the database and of
every file). Baseline, in the same run: the same leaves hashed by plain hashlib and copied by COPY into a plain table
with the same index, one commit a batch. The two alternate batch by batch.

Stranger: the hashing part of `verify.py` (read bundle and tile, cut, hash, compare, root) over bare hashlib, one hash
a leaf and one a node, on the same leaves held in memory. Reading leaves and replaying entries is reported apart.

    python benchmarks/sequencer.py [leaves] [leaves a batch]
"""

from __future__ import annotations

import hashlib
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import ground

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SEED = b"s" * 32


def main(leaves: int = 60_000, batch: int = 5_000) -> None:
    from tests.verifier import played

    # Real leaves of played entries, repeated: what is measured reads neither meaning nor order.
    real = [data for n in range(1, 61) for _, data in played.play(n).leaves()]
    bodies = [real[n % len(real)] for n in range(leaves)]
    size = statistics.mean(map(len, bodies))
    _sequencer(bodies, batch, size)
    _stranger(bodies, size)


def _sequencer(bodies: list[bytes], batch: int, size: float) -> None:
    with ground.town(), tempfile.TemporaryDirectory(prefix="jiebang-bench-log-") as folder:
        import psycopg
        from django.db import connection, transaction

        from jiebang.ledger import services

        city = {"city": "leshan", "name": {"en": "Leshan"}, "zone": "Asia/Shanghai", "demonstration": True}
        services.init_log(home_log_dir=folder, seed=SEED, origin="bench.invalid/leshan", city_leaf=city, at=AT)
        while services.sequence_once(log_dir=folder, seed=SEED, at=AT):
            pass
        wanted = connection.get_connection_params()
        names = ("dbname", "user", "password", "host", "port", "options")
        bare = psycopg.connect(**{name: wanted[name] for name in names if wanted.get(name)})
        bare.execute("CREATE TABLE bench_leaf (idx bigint PRIMARY KEY, body bytea NOT NULL)")
        bare.commit()

        def plain(start: int) -> None:
            sha256 = hashlib.sha256
            chosen = bodies[start : start + batch]
            for body in chosen:
                sha256(b"\x00" + body).digest()
            with bare.cursor().copy("COPY bench_leaf (idx, body) FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["int8", "bytea"])
                for n, body in enumerate(chosen, start=start):
                    copy.write_row((n, body))
            bare.commit()

        ours, theirs, appended = [], [], []
        for start in range(0, len(bodies), batch):
            waiting = [("event", body) for body in bodies[start : start + batch]]

            def append(waiting: list[tuple[str, bytes]] = waiting) -> None:
                with transaction.atomic():
                    services.append(waiting)

            appended.append(ground.seconds(append))
            ours.append(ground.seconds(lambda: services.sequence_once(log_dir=folder, seed=SEED, at=AT, limit=batch)))
            theirs.append(ground.seconds(lambda start=start: plain(start)))
        # One event, from the row to the published checkpoint.
        single = []
        for _ in range(100):
            services.append([("event", bodies[0])])
            single.append(ground.seconds(lambda: services.sequence_once(log_dir=folder, seed=SEED, at=AT)))
        bare.close()
    speed, plain_speed = (batch / statistics.median(each) for each in (ours, theirs))
    ground.report(
        "sequencer",
        [
            f"sequencer: {speed:,.0f} leaves/s of {size:.0f} bytes in batches of {batch:,}; wanted 40,000. "
            f"Plain hashlib and COPY: {plain_speed:,.0f}/s, ratio {speed / plain_speed:.2f}.",
            f"appending: {batch / statistics.median(appended):,.0f} leaves/s in one statement; "
            f"one event to a published checkpoint: median {statistics.median(single) * 1000:.1f} ms.",
        ],
        {
            "leaves": len(bodies),
            "leaf_bytes": round(size),
            "batch": batch,
            "leaves_per_s": round(speed),
            "plain_per_s": round(plain_speed),
            "ratio": round(speed / plain_speed, 3),
            "one_event_ms": round(statistics.median(single) * 1000, 2),
            "wanted": 40_000,
        },
    )


def _stranger(bodies: list[bytes], size: float) -> None:
    from jiebang.verifier import verify
    from tests.verifier import played

    with tempfile.TemporaryDirectory(prefix="jiebang-bench-log-") as folder:
        root = Path(folder)
        played.write(root, bodies)
        place = verify.Folder(folder)
        widths = [256] * (len(bodies) // 256) + ([len(bodies) % 256] if len(bodies) % 256 else [])

        def hashing() -> None:
            tree = verify.Tree()
            for n, width in enumerate(widths):
                entries, path = verify.read_entries(place, "2026", n, width)
                assert entries is not None, path
                hashes = verify.leaf_hashes(entries)
                assert not verify.tile_differs(place, "2026", 0, n, hashes)
                tree.add(hashes, lambda level, n, row: level and verify.tile_differs(place, "2026", level, n, row))
            shown = verify.parse_checkpoint((root / "2026/checkpoint").read_bytes())
            assert shown is not None and tree.root() == shown[0].root

        def bare() -> None:
            sha256 = hashlib.sha256
            for body in bodies:
                sha256(b"\x00" + body).digest()
            node = b"\x01" + bytes(64)
            for _ in range(len(bodies)):
                sha256(node).digest()

        ours, theirs = [], []
        for _ in range(5):
            ours.append(ground.seconds(hashing))
            theirs.append(ground.seconds(bare))
        leaves = played.a_city(150)
        key = played.write(root / "city", leaves)
        report = verify.Report("en")

        def whole() -> None:
            known = verify.parse_key(key)
            assert known is not None
            verify.Verification(str(root / "city"), [known], {}, report).run()

        def read() -> list[dict[str, object]]:
            return [verify.parse_leaf(data) for data in leaves]

        parsed = read()

        def replay() -> None:
            library = verify.Library(report)
            replayed = verify.Replay(report, library)
            for index, leaf in enumerate(parsed):
                if leaf["kind"] == "publish":
                    library.take(leaf, "2026", index)
            replay_only.append(
                ground.seconds(
                    lambda: [
                        replayed.event(leaf, "2026", n) for n, leaf in enumerate(parsed) if leaf["kind"] == "event"
                    ]
                )
            )

        replay_only: list[float] = []
        for _ in range(5):
            replay()
        reading, all_of_it = (statistics.median(ground.seconds(do) for _ in range(5)) for do in (read, whole))
        assert report.holds
    speed, bare_speed = (len(bodies) / statistics.median(each) for each in (ours, theirs))
    ground.report(
        "verifier",
        [
            f"stranger, hashing part: {speed:,.0f} leaves/s of {size:.0f} bytes, {speed / bare_speed:.2f} of bare "
            f"hashlib ({bare_speed:,.0f}/s); wanted 0.25.",
            f"beside it: leaves read {len(leaves) / reading:,.0f}/s, events replayed "
            f"{len(leaves) / statistics.median(replay_only):,.0f}/s (wanted 100,000), all of it together "
            f"{len(leaves) / all_of_it:,.0f} leaves/s.",
        ],
        {
            "hashed_per_s": round(speed),
            "bare_per_s": round(bare_speed),
            "ratio": round(speed / bare_speed, 3),
            "read_per_s": round(len(leaves) / reading),
            "replayed_per_s": round(len(leaves) / statistics.median(replay_only)),
            "together_per_s": round(len(leaves) / all_of_it),
            "wanted": 0.25,
        },
    )


if __name__ == "__main__":
    main(*[int(one) for one in sys.argv[1:]])
