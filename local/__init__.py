"""The whole system on one machine: embedded PostgreSQL and Kafka, and the supervisor behind `up`."""
