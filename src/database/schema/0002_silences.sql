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
