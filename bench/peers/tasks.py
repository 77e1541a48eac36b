"""tasks.py - no-op jobs on Celery with Redis as its broker: `python tasks.py JOBS` fills the queue, `celery -A tasks
worker` drains it; REDIS_URL names the Redis. No result backend, as Celery does by default."""
import os
import sys
import threading
import time

from celery import Celery
from celery.signals import worker_process_init

app = Celery("tasks", broker=os.environ["REDIS_URL"])
app.conf.update(worker_prefetch_multiplier=256, task_ignore_result=True, worker_send_task_events=False,
                broker_connection_retry_on_startup=True)
count, first, last = 0, 0, 0


@worker_process_init.connect
def tally(**_):
    """Says, each time it changed: COUNT FIRST-START LAST-END, in ms, and which process of this log."""
    def say():
        said = 0
        while True:
            time.sleep(0.1)
            if count != said:
                said = count
                os.write(1, f"{said} {first} {last} {os.getpid()}\n".encode())
    threading.Thread(target=say, daemon=True).start()


@app.task
def nothing(company):
    global count, first, last
    last = int(time.time() * 1000)
    first = first or last
    count += 1


if __name__ == "__main__":
    with app.producer_pool.acquire(block=True) as producer:
        for number in range(int(sys.argv[1])):
            nothing.apply_async((number % 500,), producer=producer)
