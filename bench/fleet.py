"""fleet.py - companies, workers and entries of the benches' own operations (bench/worker.c) on a stack."""
import json
import subprocess

from stack import Failed

CREDENTIAL = """credentials:
  - name: app
    kind: shopify-client-credentials
    client_id: cartage-demo
    client_secret: { env: SHOPIFY_SECRET }
companies:
"""
SHOP = """    shops:
      - { code: SHOP, store: demo.myshopify.com, origin: "%s", credential: app, enabled: true }
"""


def company_id(number):
    return f"11111111-1111-4111-8111-{number:012}"


def make_companies(stack, count, shops=False):
    """`count` companies; with `shops`, each has one of its own on the same store and app. Answers their ids."""
    config = CREDENTIAL
    for number in range(1, count + 1):
        config += f"  - name: Company {number}\n    id: {company_id(number)}\n" + (SHOP % stack.shopify if shops else "")
    path = stack.dir / "companies.yaml"
    path.write_text(config)
    stack.cli("apply", "-f", path)
    return [company_id(number) for number in range(1, count + 1)]


def start_workers(stack, count, **env):
    return [stack.run(f"worker-{n}", stack.bin / "bench-worker", env={f"CARTAGE_{k.upper()}": str(v) for k, v in env.items()})
            for n in range(1, count + 1)]


def add_entries(stack, rows):
    """Rows as bench/entries.c reads them. Answers the ids of the entries."""
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    done = subprocess.run([stack.bin / "bench-entries", stack.env["CARTAGE_REDIS"], stack.env["CARTAGE_ENV"]], input=lines,
                          capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise Failed(done.stderr.strip())
    return done.stdout.split()


def ended(workers, outcome):
    """How many attempts ended so far with this outcome, by the workers' logs."""
    word = f"outcome={outcome} "
    return sum(line.count(word) for worker in workers for line in open(worker.log, errors="replace")
               if "event=attempt.finished" in line)


def expect_alive(procs):
    for proc in procs:
        if not proc.alive():
            raise Failed(f"{proc.name} ended\n{proc.tail()}")
