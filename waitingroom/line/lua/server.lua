-- Which server holds the line now.
-- Replies the id of its replication history: no two servers that take writes have the same, and none keeps it when it is
-- restarted or takes over.
return replid()
