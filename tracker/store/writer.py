"""One thread per process writes; waiting jobs share a transaction and are answered after COMMIT."""

import logging
import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from tracker.errors import Conflict, StoreFailed
from tracker.store.engine import Database

MAX_BATCH = 64
JOBS_PER_CHECKPOINT = 256

Result = TypeVar("Result")
_log = logging.getLogger(__name__)


class _Job:
    """Some work inside a transaction, and the answer its caller waits for."""

    def __init__(self, work: Callable[[Connection], Any]) -> None:
        self.work = work
        self.answer: Future[Any] = Future()
        self.result: Any = None
        self.error: BaseException | None = None

    def deliver(self) -> None:
        if self.error is None:
            self.answer.set_result(self.result)
        else:
            self.answer.set_exception(self.error)


class Writer:
    """Runs jobs one after the other in a thread of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._engine = database.writer_engine()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._door = threading.Lock()
        self._closed = False
        self._process = os.getpid()
        self._jobs_since_checkpoint = 0
        self._thread = threading.Thread(target=self._serve, name="store-writer", daemon=True)
        self._thread.start()

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """Do the work in a transaction and return its result once that is committed."""
        self._refuse_wrong_callers()
        job = _Job(work)
        with self._door:
            if self._closed:
                raise StoreFailed("The store is closed.")
            self._jobs.put(job)
        try:
            result: Result = job.answer.result()
        except IntegrityError as error:
            raise Conflict("This is already there, or what it belongs to is not.") from error
        except (SQLAlchemyError, OSError) as error:
            raise StoreFailed("The database could not be written; nothing was saved.") from error
        return result

    def close(self) -> None:
        """Finish the jobs that wait, then close the connection; closing twice is fine."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._thread.join()

    def _refuse_wrong_callers(self) -> None:
        if os.getpid() != self._process:
            raise RuntimeError("a forked process must open a store of its own")
        if threading.current_thread() is self._thread:
            raise RuntimeError("a write inside a write would wait for itself for ever")

    def _serve(self) -> None:
        while batch := self._next_batch():
            self._commit(batch)
        try:
            # The last connection checkpoints when it closes, so it needs the guard too
            with self._database.write_guard():
                self._engine.dispose()
        except OSError:
            _log.exception("the database could not be closed under its lock")

    def _next_batch(self) -> list[_Job]:
        """Wait for a job and take along what else is waiting; empty means: stop."""
        batch: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            batch.append(job)
            if len(batch) == MAX_BATCH or self._jobs.empty():
                return batch
            job = self._jobs.get()
        if batch:
            self._jobs.put(None)  # seen too early: first commit what came before
        return batch

    def _commit(self, batch: list[_Job]) -> None:
        try:
            with self._database.write_guard():
                self._commit_guarded(batch)
        except BaseException as error:  # whatever it was, nobody may wait for ever
            self._fail(batch, error)

    def _commit_guarded(self, batch: list[_Job]) -> None:
        with self._engine.connect() as connection:
            with connection.begin():
                for job in batch:
                    self._attempt(connection, job)
            for job in batch:
                job.deliver()
            self._checkpoint_if_due(connection, len(batch))

    def _attempt(self, connection: Connection, job: _Job) -> None:
        """Do one job in its own savepoint, so that its failure is its own."""
        job.error = None
        try:
            with connection.begin_nested():
                job.result = job.work(connection)
        except BaseException as error:
            if self._database.transaction_is_lost(connection):
                raise  # else the next savepoint would quietly commit without the jobs before
            job.error = error

    def _fail(self, batch: list[_Job], error: BaseException) -> None:
        waiting = [job for job in batch if not job.answer.done()]
        if len(waiting) > 1:
            for job in waiting:  # one bad job must not take the others with it
                self._commit([job])
        for job in waiting:
            if not job.answer.done():
                job.answer.set_exception(error)

    def _checkpoint_if_due(self, connection: Connection, n_new_jobs: int) -> None:
        self._jobs_since_checkpoint += n_new_jobs
        if self._jobs_since_checkpoint < JOBS_PER_CHECKPOINT:
            return
        self._jobs_since_checkpoint = 0
        try:
            self._database.checkpoint(connection)
        except Exception:
            _log.exception("checkpoint failed; the rows are safe in the write-ahead log")
