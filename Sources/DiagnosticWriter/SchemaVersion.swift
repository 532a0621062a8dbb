enum SchemaVersion {}
