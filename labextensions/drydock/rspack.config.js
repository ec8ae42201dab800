// Modules are numbered in their order: by default an id depends on the folder that the extension is built in, and the
// committed bundle is to be what its source makes anywhere.
module.exports = { optimization: { moduleIds: 'natural' } };
