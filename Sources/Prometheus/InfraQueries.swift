/// The PromQL expressions for the inputs of an infra observation (3-classification, Golden signals).
///
/// The defaults read metrics of kube-state-metrics and of the kubelet with its cAdvisor. If nobody collects these metrics, an
/// expression has no value. It never gives 0 then: without kube-state-metrics `0 * count(kube_pod_info)` has no value either.
public struct InfraQueries: Sendable, Hashable {
  /// OOM kills within 24 hours.
  public var oomKills: String
  /// Replicas that should be ready and are not.
  public var podsDown: String
  /// How full the fullest volume is, percent.
  public var pvcPercent: String
  /// How busy the CPUs are, percent.
  public var cpuPercent: String
  /// How full the memory is, percent.
  public var memoryPercent: String

  /// The defaults.
  /// - Parameter namespace: A regular expression for the namespaces that count; nil for all. CPU and memory are
  ///   the nodes', whoever uses them.
  public init(namespace: String? = nil) {
    let own = namespace.map { #"namespace=~"\#(Self.quoted($0))""# } ?? ""
    let and = own.isEmpty ? "" : ", " + own
    let container = "on (namespace, pod, container)"
    let none = "0 * count(kube_pod_info)"
    // A container that restarts counts once for each restart. A container that does not restart, as in the pods of Airflow's tasks,
    // counts once.
    oomKills = """
      (sum(increase(kube_pod_container_status_restarts_total{\(own)}[24h]) * \(container) group_left () \
      max by (namespace, pod, container) \
      (kube_pod_container_status_last_terminated_reason{reason="OOMKilled"\(and)} == 1)) or \(none)) \
      + (sum((max_over_time(kube_pod_container_status_terminated_reason{reason="OOMKilled"\(and)}[24h]) == 1) \
      unless \(container) (increase(kube_pod_container_status_restarts_total{\(own)}[24h]) > 0)) or \(none))
      """
    podsDown = """
      (sum(kube_deployment_status_replicas_unavailable{\(own)}) or \(none)) \
      + (sum(kube_statefulset_replicas{\(own)} - kube_statefulset_status_replicas_ready{\(own)}) or \(none)) \
      + (sum(kube_daemonset_status_number_unavailable{\(own)}) or \(none))
      """
    pvcPercent =
      "max(100 * kubelet_volume_stats_used_bytes{\(own)} / kubelet_volume_stats_capacity_bytes{\(own)})"
    cpuPercent =
      #"100 * sum(rate(container_cpu_usage_seconds_total{id="/"}[5m])) / sum(machine_cpu_cores)"#
    memoryPercent =
      #"100 * sum(container_memory_working_set_bytes{id="/"}) / sum(machine_memory_bytes)"#
  }

  /// The text, escaped for double quotes in PromQL.
  private static func quoted(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
