package io.tidemark.ingest.postgres;

import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.Lsn;

/** Where streaming goes on, and on which server; as text {@code 16/B374D848@7412345678901234567.1}. */
record ResumeLsn(Lsn lsn, ServerIdentity server) {
    static ResumeLsn parse(String text) {
        int at = text.indexOf('@');
        int dot = text.lastIndexOf('.');
        if (at < 0 || dot < at) {
            throw TidemarkException.corrupt("'" + text + "' in the change log is no place of a PostgreSQL server");
        }
        return new ResumeLsn(
                Lsn.parse(text.substring(0, at)),
                new ServerIdentity(text.substring(at + 1, dot), Integer.parseInt(text.substring(dot + 1))));
    }

    @Override
    public String toString() {
        return lsn + "@" + server.system() + "." + server.timeline();
    }
}
