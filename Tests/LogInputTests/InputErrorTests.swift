import SystemPackage
import Testing

@testable import LogInput

@Suite struct InputErrorTests {
  @Test func `an error names the input, the byte, what failed and what to try`() {
    let error = InputError(.checksum, path: "logs/a.log.gz", offset: 4711)
    #expect(
      error.description
        == "logs/a.log.gz: byte 4711: the checksum (CRC-32) of a gzip member is wrong; "
        + "what could be inflated was read; fetch or upload the log again")
    #expect(InputError(.read, path: nil, errno: .ioError).description.hasPrefix("standard input: cannot be"))
  }

  @Test(arguments: [.open, .list] as [InputError.Kind])
  func `too many open files say which limit`(kind: InputError.Kind) {
    #expect(
      InputError(kind, path: "x", errno: .tooManyOpenFiles).description
        .hasSuffix("; raise this process's limit of open files (ulimit -n), or lower --jobs"))
    #expect(
      InputError(kind, path: "x", errno: .tooManyOpenFilesInSystem).description
        .hasSuffix("; raise the machine's limit of open files (fs.file-max)"))
  }

  @Test func `a path cannot act on the terminal`() {
    let text = InputError(.open, path: "a\u{1b}[31m\nb\u{202e}c\u{85}", errno: .ioError).description
    #expect(text.hasPrefix(#"a\u{1b}[31m\u{a}b\u{202e}c\u{85}: cannot be opened"#))
    #expect(text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
  }

  @Test(
    arguments: [
      (Array("a/é.log".utf8), "a/é.log"),
      (Array("a\nb.log".utf8), "a\nb.log"),
      (Array(#"a\b"#.utf8), #"a\\b"#),
      ([0x61, 0xff, 0x62], #"a\xffb"#),
      (Array(#"a\xffb"#.utf8), #"a\\xffb"#),
      ([0xc3], #"\xc3"#),
      ([0xe2, 0x82], #"\xe2\x82"#),
      ([0x5c, 0xff, 0x5c, 0xcc, 0x81], "\\\\\\xff\\\\\u{301}"),
      ([0x08], "\u{8}"),
    ] as [([UInt8], String)])
  func `every path has a text of its own`(bytes: [UInt8], text: String) {
    #expect(Array(FilePath(bytes: bytes).locationText.utf8) == Array(text.utf8))
  }
}

/// What an error is about: the log, the rights, the system, or nothing at all (5-command-line, Exit codes).
@Suite struct ConcernTests {
  @Test(
    arguments: [
      (.noSuchFileOrDirectory, .absence), (.notDirectory, .absence),
      (.permissionDenied, .rights),
      (.notPermitted, .rights), (.ioError, .system), (.staleNFSFileHandle, .system),
      (.tooManyOpenFiles, .system),
      (.tooManyOpenFilesInSystem, .system), (.noMemory, .system), (.tooManySymbolicLinkLevels, .content),
      (.fileNameTooLong, .content),
    ] as [(Errno, InputError.Concern)])
  func `of opening and listing`(errno: Errno, concern: InputError.Concern) {
    #expect(InputError(.open, path: "x", errno: errno).concern == concern)
    #expect(InputError(.list, path: "x", errno: errno).concern == concern)
  }

  @Test func `of reading`() {
    #expect(InputError(.read, path: "x", errno: .noSuchFileOrDirectory).concern == .system)
    #expect(InputError(.read, path: "x", errno: .permissionDenied).concern == .rights)
    #expect(InputError(.read, path: nil, errno: .badFileDescriptor).concern == .absence)
    #expect(InputError(.root, path: "x").concern == .system)
    for kind in [.truncated, .checksum, .data, .notRegular(.pipe), .tooLong(limit: 1)] as [InputError.Kind] {
      #expect(InputError(kind, path: "x").concern == .content)
    }
    #expect(InputError(.bucket(.unreachable), object: "s3://b/k").concern == .store(.unreachable))
    #expect(InputError(.bucket(.cut), object: "s3://b/k").concern == .content)
  }
}
