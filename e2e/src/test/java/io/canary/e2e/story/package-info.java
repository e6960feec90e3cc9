// SPDX-License-Identifier: Apache-2.0
/// The product as its users see it, on a real control plane: what must be shown (issue 3, section 5). Each test gets
/// a `Story`: its namespace, kubectl, pods that behave as told, a played mesh, and a recorder of every version of
/// every object that fails the test when an invariant is broken, whatever the test itself asserts.
@NullMarked
package io.canary.e2e.story;

import org.jspecify.annotations.NullMarked;
