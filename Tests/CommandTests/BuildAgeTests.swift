import TestSupport
import Testing

/// A program that was not built after an edit made tests fail in ways that told nobody why.
@Suite struct BuildAgeTests {
  let files: Workspace

  init() throws {
    files = try Workspace()
    try files.write("", to: "Sources/a/b.swift")
    try files.write("", to: "Sources/a/b.txt")
    try files.write("", to: "build/program")
    files.setModified("Sources/a/b.txt", to: 3000)
    files.setModified("build/program", to: 2000)
  }

  private func warning(of built: String) -> String? {
    BuildAge.warning(of: files(built), in: files.path, from: ["Sources"])
  }

  @Test(arguments: [(1000, false), (2000, false), (2001, true)])
  func `an edit after the build is told, with the file`(edited: Int, isTold: Bool) {
    files.setModified("Sources/a/b.swift", to: edited)
    #expect(
      warning(of: "build/program").map { $0.contains("is older than Sources/a/b.swift: build") } ?? false
        == isTold)
    #expect(warning(of: "build/none") == nil)
  }
}
