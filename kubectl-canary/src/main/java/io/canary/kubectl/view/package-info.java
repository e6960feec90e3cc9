// SPDX-License-Identifier: Apache-2.0
/// Lines for people, made from records: pure.
@NullMarked
package io.canary.kubectl.view;

import org.jspecify.annotations.NullMarked;
