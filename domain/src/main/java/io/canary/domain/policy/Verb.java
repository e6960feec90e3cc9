// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import java.util.Locale;

/// What may be granted on `releases.canary.io` by RBAC, `resourceNames` being apps (policy.md section 5). Going back
/// needs none of them.
public enum Verb {
    START,
    ADVANCE,
    PROMOTE,
    OVERRIDE;

    /// The resource that the verbs are granted on.
    public static final String RESOURCE = "releases";

    private static final String GROUP = "canary.io";

    /// As RBAC has it.
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The right to do it to `app`, whether its Release exists or not.
    public Right on(String namespace, String app) {
        return new Right(GROUP, RESOURCE, "", text(), namespace, app);
    }
}
