import Testing

@Test func placeholderWriter() {}
