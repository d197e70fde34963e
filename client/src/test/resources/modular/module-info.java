/** A program in a module of its own that opens nothing. */
module modular {
    requires farpool.client;
}
