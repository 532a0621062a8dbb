import Testing

@Test func placeholderGrammar() {}
