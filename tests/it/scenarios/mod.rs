//! What the server must show, one file per promise: the whole program against real or loopback peers.

mod alertmanager;
mod better;
mod browser;
mod crash;
mod disk;
mod entrance;
mod history;
mod hostile;
mod links;
mod metrics;
mod outage;
mod pages;
mod pictures;
mod shutdown;
mod silencing;
mod sns;
mod spine;
mod stores;
mod storm;
mod takeover;
mod telegram;
mod trials;
mod webhooks;
