enum IngestRun {}
