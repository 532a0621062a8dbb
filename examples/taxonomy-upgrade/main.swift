import Diagnosis
import DiagnosticWriter
import Logging

/// The next release of corrparse, as far as an upgrade of the taxonomy needs it: what `corrparse reclassify` and
/// `corrparse migrate up` would do in a program that knows the next version as well. Judging and writing are the libraries' own.
///
///     TaxonomyUpgrade reclassify --database CONNECTION     judges every stored record under the next version
///     TaxonomyUpgrade migrate up --database CONNECTION     has the views show the next version
let arguments = CommandLine.arguments.dropFirst()
let connection = try Connection(arguments.last, logger: Logger(label: "taxonomy-upgrade"))
switch arguments.dropLast(2) {
case ["reclassify"]:
  let summary = try Reclassifier(connection, classifier: Classifier(taxonomy: .next)).run()
  print(
    "taxonomy \(Taxonomy.next.version): \(summary.records) records = \(summary.added) newly judged "
      + "+ \(summary.changed) changed + \(summary.unchanged) unchanged")
case ["migrate", "up"]:
  try Migrator(connection).up(
    programVersion: "example",
    taxonomy: TaxonomyReference(Taxonomy.all + [.next], currentVersion: Taxonomy.next.version))
  try RunDiagnoses(connection).refresh()
default:
  print("usage: TaxonomyUpgrade reclassify|migrate up --database CONNECTION")
}
