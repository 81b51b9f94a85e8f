(module quote "(func (export \"" "\ff" "\"))")
