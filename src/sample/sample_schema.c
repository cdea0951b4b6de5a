/* sample_schema.c - tables of samples, and the words for what is in them. */
#include "sample/sample_internal.h"

static const struct db_step steps[] = {
    { "CREATE TABLE sample(seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
      " sha256 TEXT NOT NULL, name TEXT NOT NULL, tenant TEXT NOT NULL, actor TEXT NOT NULL,"
      " size INTEGER NOT NULL, passwords BLOB NOT NULL, received INTEGER NOT NULL,"
      " started INTEGER, finished INTEGER, state INTEGER NOT NULL, attempts INTEGER NOT NULL,"
      " verdict INTEGER NOT NULL, error TEXT NOT NULL) STRICT;"
      "CREATE INDEX sample_state ON sample(state, seq);"
      "CREATE INDEX sample_tenant ON sample(tenant, seq);"
      "CREATE INDEX sample_verdict ON sample(verdict, seq);"

      "CREATE TABLE sample_file(sample INTEGER NOT NULL REFERENCES sample(seq) ON DELETE CASCADE,"
      " number INTEGER NOT NULL, kind INTEGER NOT NULL, sha256 TEXT NOT NULL, name TEXT NOT NULL,"
      " format TEXT NOT NULL, object INTEGER NOT NULL, size INTEGER NOT NULL,"
      " kept INTEGER NOT NULL, PRIMARY KEY(sample, number)) STRICT, WITHOUT ROWID;"
      "CREATE INDEX sample_file_sha256 ON sample_file(sha256);"

      /* Named by the sample's id and not its row: what was accepted outlives the sample. */
      "CREATE TABLE sample_indicator(number INTEGER PRIMARY KEY AUTOINCREMENT,"
      " sample TEXT NOT NULL, type TEXT NOT NULL, value TEXT NOT NULL, role TEXT NOT NULL,"
      " decision INTEGER NOT NULL, actor TEXT NOT NULL, decided INTEGER, expires INTEGER,"
      " UNIQUE(sample, type, value)) STRICT;"
      "CREATE INDEX sample_indicator_decision ON sample_indicator(decision, expires);" },
};

enum hn_status sample_migrate(struct db *db, struct hn_err *err)
{
    return db_migrate(db, "samples", steps, HN_COUNT_OF(steps), err);
}

const char *sample_state_text(enum sample_state state)
{
    static const char *const texts[] = {
#define STATE_TEXT(name, text) [name] = (text),
        SAMPLE_STATE_LIST(STATE_TEXT)
#undef STATE_TEXT
    };

    return texts[state];
}

const char *sample_decision_text(enum sample_decision decision)
{
    static const char *const texts[] = {
#define DECISION_TEXT(name, text) [name] = (text),
        SAMPLE_DECISION_LIST(DECISION_TEXT)
#undef DECISION_TEXT
    };

    return texts[decision];
}
