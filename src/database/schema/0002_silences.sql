-- body: lz4 of JSON, as in 0001
CREATE TABLE silences (
    id TEXT PRIMARY KEY,
    body BLOB NOT NULL
);

-- what the notification log of an Alertmanager said whose data was taken over; its alerts are known by its own hashes
CREATE TABLE foreign_log (
    group_key TEXT NOT NULL,
    receiver TEXT NOT NULL,
    kind TEXT NOT NULL,
    position INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (group_key, receiver, kind, position)
);
CREATE INDEX foreign_log_by_end ON foreign_log (expires_at);

-- The history without its contents: narrow, so that any choice is one quick scan, the newest first. terms: what the alerts
-- can be found by, 8 bytes each as in fingerprint lists: fingerprints of the alerts and of each of their label pairs alone.
-- Entries from before this version are found by everything but their alerts. On PostgreSQL: POSITION for INSTR.
CREATE TABLE history_heads (
    delivery INTEGER PRIMARY KEY,
    flushed_at INTEGER NOT NULL,
    receiver TEXT NOT NULL,
    integration TEXT NOT NULL,
    group_key TEXT NOT NULL,
    outcome TEXT NOT NULL,
    terms BLOB NOT NULL
);
INSERT INTO history_heads (delivery, flushed_at, receiver, integration, group_key, outcome, terms)
    SELECT delivery, done_at, receiver, integration, group_key, outcome, x'' FROM history;

-- when the group was flushed
ALTER TABLE outbox ADD COLUMN flushed_at INTEGER NOT NULL DEFAULT 0;
UPDATE outbox SET flushed_at = since;
