import Testing

@Test func placeholderLogInput() {}
