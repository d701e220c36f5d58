package io.tidemark.ingest.mysql;

import java.nio.ByteBuffer;

/** Network addresses as the server writes them. */
final class NetworkAddress {
    private static final int WORDS = 8;

    private NetworkAddress() {}

    static String inet4(byte[] address) {
        return (address[0] & 0xFF) + "." + (address[1] & 0xFF) + "." + (address[2] & 0xFF) + "." + (address[3] & 0xFF);
    }

    /** The first of the longest runs of zeroes is left out; addresses that hold one of version 4 end with it. */
    static String inet6(byte[] address) {
        int[] words = new int[WORDS];
        ByteBuffer bytes = ByteBuffer.wrap(address);
        for (int i = 0; i < WORDS; i++) {
            words[i] = bytes.getShort() & 0xFFFF;
        }
        int gap = -1;
        int gapLength = 0;
        for (int i = 0; i < WORDS; i++) {
            int length = 0;
            while (i + length < WORDS && words[i + length] == 0) {
                length++;
            }
            if (length > gapLength) {
                gap = i;
                gapLength = length;
            }
            i += length;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < WORDS; i++) {
            if (i == gap) {
                text.append(i == 0 ? "::" : ":");
                i += gapLength - 1;
            } else if (i == 6 && gap == 0 && (gapLength == 6 || (gapLength == 5 && words[5] == 0xFFFF))) {
                return text.append(inet4(new byte[] {address[12], address[13], address[14], address[15]}))
                        .toString();
            } else {
                text.append(Integer.toHexString(words[i])).append(i + 1 < WORDS ? ":" : "");
            }
        }
        return text.toString();
    }
}
