// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What decisions read of a Service.
///
/// @param annotations all that start with `canary.io/`
/// @param type `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`
/// @param headless whether `spec.clusterIP` is `None`
/// @param sticky whether `spec.sessionAffinity` is `ClientIP`
/// @param ipFamilies as `IPv4`, `IPv6`
/// @param ipFamilyPolicy as `SingleStack`; null where absent
/// @param tool what else runs it
public record ServiceFacts(
        String namespace,
        String name,
        String uid,
        Map<String, String> labels,
        Map<String, String> annotations,
        Map<String, String> selector,
        String type,
        boolean headless,
        boolean sticky,
        List<Port> ports,
        List<String> ipFamilies,
        @Nullable String ipFamilyPolicy,
        boolean deleting,
        @Nullable OtherTool tool) {
    public ServiceFacts {
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        selector = Map.copyOf(selector);
        ports = List.copyOf(ports);
        ipFamilies = List.copyOf(ipFamilies);
    }

    /// One port.
    ///
    /// @param name empty where absent
    /// @param targetPort a number or a name
    /// @param protocol `TCP`, `UDP`, `SCTP`
    public record Port(
            String name,
            int port,
            String targetPort,
            String protocol,
            @Nullable String appProtocol) {
        /// The kind of route that divides its traffic; null where only pods do.
        public @Nullable RouteKind routed() {
            return grpc() ? RouteKind.GRPC : http() ? RouteKind.HTTP : null;
        }

        /// Whether it speaks gRPC, by its appProtocol, else by its name (design section 7).
        public boolean grpc() {
            if (!protocol.equals("TCP")) {
                return false;
            }
            return appProtocol != null
                    ? appProtocol.equalsIgnoreCase("grpc") || appProtocol.equals("kubernetes.io/grpc")
                    : name.equals("grpc") || name.startsWith("grpc-");
        }

        /// Whether a mesh routes it as HTTP: by its appProtocol, else by its name, else (unnamed) by sniffing
        /// (routing.md section 1). gRPC ports are not HTTP here: they take a GRPCRoute (design section 7).
        public boolean http() {
            if (!protocol.equals("TCP")) {
                return false;
            }
            if (appProtocol != null) {
                return switch (appProtocol) {
                    case "http", "HTTP", "http2", "https", "kubernetes.io/h2c", "kubernetes.io/ws" -> true;
                    default -> false;
                };
            }
            return name.isEmpty()
                    || name.equals("http")
                    || name.startsWith("http-")
                    || name.equals("http2")
                    || name.startsWith("http2-");
        }
    }

    /// The ports that routes can divide.
    public List<Port> routable() {
        return ports.stream().filter(port -> port.routed() != null).toList();
    }

    /// This Service with other annotations.
    public ServiceFacts with(Map<String, String> other) {
        return new ServiceFacts(
                namespace,
                name,
                uid,
                labels,
                other,
                selector,
                type,
                headless,
                sticky,
                ports,
                ipFamilies,
                ipFamilyPolicy,
                deleting,
                tool);
    }

    /// The value of `key`, or null.
    public @Nullable String get(CanaryKey key) {
        return annotations.get(key.text());
    }

    /// Whether we made it: it carries our label.
    public boolean ours() {
        return labels.containsKey(CanaryKey.APP.text());
    }

    /// Whether it may be a root Service: no `version` in its selector, and not made by us (design section 1).
    public boolean rootLike() {
        return !ours() && !selector.containsKey(VersionName.LABEL);
    }

    /// Whether pods with these labels are among its endpoints. A Service without a selector has none.
    public boolean selects(Map<String, String> podLabels) {
        return !selector.isEmpty() && podLabels.entrySet().containsAll(selector.entrySet());
    }
}
