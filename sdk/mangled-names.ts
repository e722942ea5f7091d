/**
 * Properties that the built recorder has by shorter names: a kilobyte of the gzipped script less. Only names that are met
 * nowhere but in objects of this very script may stand here. Not those of the page's browser, of rrweb's events (@rrweb/types)
 * and messages between frames, of what lies in a browser's storage, of `init`, of `window.rrhog`; nor one that the code has as
 * text as well (rrweb copies its `mutationCb` and others by a list of texts), or that another script shares with this one.
 */

const OF_THE_RECORDER = `
  adopt discard facts follow giveUp idleMs isKept isOver isWhole letGo onAcknowledged onChange onGivenUp
  onSessionGone renew retryAfter retryAt sealNow sealedThrough sendNow sessionMs storageName wake
`;

const OF_RRWEB = `
  addIframe addLoadListener addShadowRoot addedSet adoptStyleSheets adoptedStyleSheetCb attachIframe
  attachLinkElement attributeMap bypassOptions canvasMutation canvasMutationCb checkoutEveryNms checkoutEveryNth
  crossOriginIframeMap crossOriginIframeMirror crossOriginIframeRootIdMap
  crossOriginIframeStyleMirror cssCaptured customElement customElementCb droppedSet errorHandler eventProcessor
  flushPendingCanvasMutationFor flushPendingCanvasMutations genAdds genTextAreaValueMutation generateId
  generateIdFn getIdToRemoteIdMap getMeta getMirror getNode getRemoteId getRemoteIdToIdMap handleMessage hasNode
  headFavicon headMetaAuthorship headMetaDescKeywords headMetaHttpEquiv headMetaRobots headMetaSocial
  headMetaVerification headTitleMutations headWhitespace idNodeMap idStyleMap iframeIdToRemoteIdMap
  iframeLoadTimeout iframeRemoteIdToIdMap ignoreCSSAttributes ignoreClass ignoreSelector inOtherBuffer
  initCanvasFPSObserver initCanvasMutationObserver inputCb latestId loadListener mapRemoves maskAllInputs
  mediaInteaction mediaInteractionCb mouseInteraction mouseInteractionCb mousemoveCallback mousemoveCb
  mousemoveWait movedMap movedSet needsMask newlyAddedElement nodeMap nodeMetaMap nodeMirror observeAttachShadow
  observer onIframeLoad onSerialize onStylesheetLoad patchAttachShadow patchRootIdOnNode pendingCanvasMutations
  preserveWhiteSpace processMutation processMutations rafStamps recordAfter recordDOM
  removeNodeFromMap removesSubTreeCache replaceIdOnNode replaceIds replaceStyleIds resetObservers restoreHandlers
  sampling scrollCb selectionCb shadowDoms skipChild slimDOM startPendingCanvasMutationFlusher
  startRAFTimestamping styleDeclaration styleDeclarationCb styleDiff styleIDMap styleMirror styleSheetRule
  styleSheetRuleCb stylesheetLoadTimeout takeFullSnapshot trackLinkElement trackStylesheetInLinkElement
  trackedLinkElements transformCrossOriginEvent unattachedDoc unfreeze userTriggeredOnInput viewportResize
  viewportResizeCb wrappedEmit
`;

export const MANGLED_NAMES = (OF_THE_RECORDER + OF_RRWEB).trim().split(/\s+/);
