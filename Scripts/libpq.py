"""PostgreSQL for the scripts of this checkout, through the libpq that the program is linked with.

A driver would have to be installed; libpq is there. Only what the scripts need: one statement, its rows as text or
None, and the types of its columns, which is what a dashboard lives on.
"""

import ctypes
import ctypes.util


class Error(Exception):
    """What the server or the connection said; sqlstate is empty where the connection failed."""

    def __init__(self, message, sqlstate=""):
        super().__init__(message.strip())
        self.sqlstate = sqlstate


def _library():
    library = ctypes.CDLL(ctypes.util.find_library("pq") or "libpq.so.5")
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for name, result, arguments in (
        ("PQconnectdb", pointer, [text]),
        ("PQstatus", number, [pointer]),
        ("PQerrorMessage", text, [pointer]),
        ("PQfinish", None, [pointer]),
        ("PQexec", pointer, [pointer, text]),
        ("PQresultStatus", number, [pointer]),
        ("PQresultErrorMessage", text, [pointer]),
        ("PQresultErrorField", text, [pointer, number]),
        ("PQclear", None, [pointer]),
        ("PQntuples", number, [pointer]),
        ("PQnfields", number, [pointer]),
        ("PQfname", text, [pointer, number]),
        ("PQftype", ctypes.c_uint, [pointer, number]),
        ("PQgetvalue", pointer, [pointer, number, number]),
        ("PQgetlength", number, [pointer, number, number]),
        ("PQgetisnull", number, [pointer, number, number]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class Result:
    """The rows of one statement: columns by name, their types by PostgreSQL's own names."""

    def __init__(self, columns, types, rows):
        self.columns, self.types, self.rows = columns, types, rows

    def column(self, name):
        """All values of a column."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    def dictionaries(self):
        """The rows as dictionaries."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


class Connection:
    """An open connection. Raises Error for whatever goes wrong."""

    _shared = None

    def __init__(self, conninfo):
        if Connection._shared is None:
            Connection._shared = _library()
        self._pq = Connection._shared
        self._handle = self._pq.PQconnectdb(conninfo.encode())
        if self._pq.PQstatus(self._handle) != 0:
            message = self._pq.PQerrorMessage(self._handle).decode(errors="replace")
            self.close()
            raise Error(message)
        self._type_names = {}
        self._type_names = {int(oid): name for oid, name in self.run("SELECT oid, typname FROM pg_type").rows}
        self.run("SET client_min_messages = warning")

    def close(self):
        """Ends the connection."""
        if self._handle:
            self._pq.PQfinish(self._handle)
            self._handle = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def run(self, sql):
        """Runs SQL text as it is, as Grafana does: the simple protocol, without parameters."""
        pq = self._pq
        result = pq.PQexec(self._handle, sql.encode())
        try:
            # PGRES_COMMAND_OK and PGRES_TUPLES_OK
            if pq.PQresultStatus(result) not in (1, 2):
                state = pq.PQresultErrorField(result, ord("C")) or b""
                raise Error(pq.PQresultErrorMessage(result).decode(errors="replace"), state.decode())
            columns = [pq.PQfname(result, i).decode() for i in range(pq.PQnfields(result))]
            types = [self._type_names.get(pq.PQftype(result, i), "") for i in range(len(columns))]
            rows = [
                tuple(
                    None
                    if pq.PQgetisnull(result, row, i)
                    else ctypes.string_at(pq.PQgetvalue(result, row, i), pq.PQgetlength(result, row, i)).decode()
                    for i in range(len(columns))
                )
                for row in range(pq.PQntuples(result))
            ]
            return Result(columns, types, rows)
        finally:
            pq.PQclear(result)


def quoted(text):
    """The text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def with_database(conninfo, name):
    """The same server, another database: keyword form, in which the last value of a keyword counts."""
    return f"{conninfo} dbname={name}"
