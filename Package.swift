// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// What reads every byte of a log is optimised in debug builds too, and so are the tests that read a million of them; every
/// check of the language stays. The rest waits for servers and is built in half the time without. CORRPARSE_DEBUG=1 leaves it
/// out, for work with a debugger.
let optimised: [SwiftSetting] =
  Context.environment["CORRPARSE_DEBUG"] == nil ? [.unsafeFlags(["-O"], .when(configuration: .debug))] : []

/// Settings of every Swift target: complete concurrency checking comes with the Swift 6 language mode;
/// the rest keeps C and the standard library's sharp edges visible at their place of use.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

/// Tests call C and `#expect` freely; they keep the warnings but not the memory-safety audit.
let strictTests: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
]

/// ISA-L inflates faster than zlib and is used where it is there when this manifest is read for the first time;
/// CORRPARSE_ISAL=0 leaves it out, CORRPARSE_ISAL=1 has it in wherever it is (docs/performance.md).
let hasISAL =
  switch Context.environment["CORRPARSE_ISAL"] {
  case "0": false
  case "1": true
  default:
    ["/usr/include", "/usr/local/include"].contains {
      FileManager.default.fileExists(atPath: $0 + "/isa-l/igzip_lib.h")
    }
  }
let isalSettings: [SwiftSetting] = hasISAL ? [.define("CORRPARSE_ISAL")] : []
let isalDependency: [Target.Dependency] = hasISAL ? ["CISAL"] : []

let package = Package(
  name: "corrparse",
  products: [
    .executable(name: "corrparse", targets: ["corrparse"]),
    .library(name: "CorrelationGrammar", targets: ["CorrelationGrammar"]),
    .library(name: "Diagnosis", targets: ["Diagnosis"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
  ],
  targets: [
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(
      name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    .systemLibrary(
      name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "COpenat2"),
    .target(name: "CByteScan"),
    .target(name: "CMigrations"),
    .target(name: "LogModel", swiftSettings: strict + optimised),
    .target(name: "Threading", swiftSettings: strict),
    .target(
      name: "CorrelationGrammar", dependencies: ["CByteScan", "LogModel"], swiftSettings: strict + optimised),
    .target(name: "Diagnosis", dependencies: ["LogModel"], swiftSettings: strict + optimised),
    .target(
      name: "LogInput",
      dependencies: isalDependency + [
        "COpenat2", "CZlib", "LogModel",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict + optimised + isalSettings),
    .target(
      name: "DiagnosticWriter",
      dependencies: [
        "CLibPQ", "CMigrations", "Diagnosis", "LogInput", "LogModel",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "RecordFormats", dependencies: ["Diagnosis", "LogModel"],
      swiftSettings: strict + optimised),
    .target(
      name: "Ingest",
      dependencies: [
        "CorrelationGrammar", "Diagnosis", "DiagnosticWriter", "LogInput", "LogModel", "ObjectStore",
        "RecordFormats", "Threading",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .target(name: "HTTPTransport", dependencies: ["CCurl"], swiftSettings: strict),
    .target(
      name: "ObjectStore",
      dependencies: ["CCrypto", "CExpat", "HTTPTransport", "LogInput", "LogModel", "Threading"],
      swiftSettings: strict),
    .target(
      name: "MLflow", dependencies: ["DiagnosticWriter", "HTTPTransport", "LogModel"],
      swiftSettings: strict),
    .target(
      name: "Prometheus", dependencies: ["DiagnosticWriter", "HTTPTransport", "LogModel"],
      swiftSettings: strict),
    .target(
      name: "HTMLReport",
      dependencies: ["Diagnosis", "DiagnosticWriter", "LogModel"],
      swiftSettings: strict),
    .target(
      name: "GoldenCorpus",
      dependencies: [
        "CorrelationGrammar", "Diagnosis", "Ingest", "LogInput", "LogModel", "RecordFormats",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "corrparse",
      dependencies: [
        "CorrelationGrammar", "Diagnosis", "DiagnosticWriter", "GoldenCorpus", "HTMLReport", "HTTPTransport",
        "Ingest", "LogInput", "LogModel", "MLflow", "ObjectStore", "Prometheus", "RecordFormats", "Threading",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict, plugins: ["TellVersion"]),
    .plugin(name: "TellVersion", capability: .buildTool()),
    // The next version of the taxonomy as an example, to which the tests upgrade a database (docs/taxonomy-upgrade.md).
    .executableTarget(
      name: "TaxonomyUpgrade",
      dependencies: [
        "Diagnosis", "DiagnosticWriter", "LogModel", .product(name: "Logging", package: "swift-log"),
      ],
      path: "examples/taxonomy-upgrade", swiftSettings: strictTests),
    .target(
      name: "TestSupport", dependencies: ["CorrelationGrammar", "CZlib", "LogModel"],
      path: "Tests/TestSupport",
      swiftSettings: strictTests + optimised),
    .testTarget(
      name: "GrammarTests",
      dependencies: ["CorrelationGrammar", "LogModel", "TestSupport"], swiftSettings: strictTests + optimised),
    .testTarget(
      name: "CorpusTests",
      dependencies: [
        "CorrelationGrammar", "Diagnosis", "GoldenCorpus", "Ingest", "LogInput", "LogModel", "RecordFormats",
        "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strictTests + optimised),
    .testTarget(
      name: "DiagnosisTests",
      dependencies: ["Diagnosis", "LogModel", "TestSupport"],
      swiftSettings: strictTests + optimised),
    .testTarget(
      name: "LogInputTests",
      dependencies: [
        "LogInput", "LogModel", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strictTests + optimised + isalSettings),
    .testTarget(
      name: "ObjectStoreTests",
      dependencies: ["HTTPTransport", "LogInput", "LogModel", "ObjectStore"],
      swiftSettings: strictTests),
    .testTarget(
      name: "MLflowTests",
      dependencies: ["DiagnosticWriter", "LogModel", "MLflow"], swiftSettings: strictTests),
    .testTarget(
      name: "WriterTests",
      dependencies: [
        "Diagnosis", "DiagnosticWriter", "LogInput", "LogModel", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strictTests),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "corrparse", "Diagnosis", "DiagnosticWriter", "HTMLReport", "Ingest", "LogModel", "RecordFormats",
        "TestSupport",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strictTests),
  ],
  swiftLanguageModes: [.v6]
)

if hasISAL {
  package.targets.append(
    .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]))
}

let fuzzDependencies: [Target.Dependency] = [
  "CorrelationGrammar", "CZlib", "Diagnosis", "LogInput", "LogModel", "RecordFormats", "TestSupport",
]
// `make long WHAT=fuzz` sets this: libFuzzer's runtime is linked only by a build that is instrumented for it (Scripts/fuzz.sh).
// The tests run the same targets on the seeds. A file belongs to one target, so it is either the one or the other.
if Context.environment["CORRPARSE_FUZZ"] != nil {
  package.targets += [
    .systemLibrary(name: "CLibFuzzer", path: "Fuzz/CLibFuzzer"),
    .executableTarget(
      name: "Fuzz", dependencies: ["CLibFuzzer"] + fuzzDependencies, path: "Fuzz",
      exclude: ["CLibFuzzer", "Seeds", "Tests", "log.dict"], sources: ["Targets", "Driver"],
      swiftSettings: strictTests + optimised),
  ]
} else {
  package.targets.append(
    .testTarget(
      name: "FuzzTests", dependencies: fuzzDependencies, path: "Fuzz",
      exclude: ["CLibFuzzer", "Driver", "Seeds", "log.dict"], sources: ["Targets", "Tests"],
      swiftSettings: strictTests + optimised))
}
