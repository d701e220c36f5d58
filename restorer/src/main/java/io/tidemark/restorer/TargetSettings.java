package io.tidemark.restorer;

import java.util.Optional;

/**
 * How to reach a target.
 *
 * @param url the engine's own form of an address, without a password
 */
public record TargetSettings(String url, Optional<String> password) {
    @Override
    public String toString() {
        return "TargetSettings[" + url + "]";
    }
}
