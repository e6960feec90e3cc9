// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import io.canary.certs.ClientAuthorities;
import java.util.Set;

/// Who may call the hooks, where not everybody may: holders of a certificate by one of these authorities.
///
/// @param names the common names that their certificates may have; empty for any
public record Clients(ClientAuthorities authorities, Set<String> names) {
    public Clients {
        names = Set.copyOf(names);
    }
}
