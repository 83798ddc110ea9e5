package connector

// Network is how connectors reach other machines.
type Network struct{}
